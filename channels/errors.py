"""What can go wrong at a source, as a family that callers choose from.

ChannelError                 the sentence is for people; `kind` is for source health
├── Unreachable              no answer: DNS, refused, timed out            "unreachable"
│   └── Insecure             its certificate is not valid                  "insecure"
├── RateLimited              asked to come later (`retry_after_seconds`)   "rate_limited"
│   └── QuotaSpent           the account may ask no more today              "quota_spent"
├── Unauthorized             credentials missing or wrong                  "unauthorized"
│   └── Expired              they ran out, and `renew` may help            "unauthorized"
├── Blocked                  a bot wall or captcha                         "blocked"
├── NotFound                 404 or a soft 404                             "not_found"
├── Gone                     410: will not come back                       "gone"
├── Forbidden                robots.txt or our address guard               "forbidden"
├── Unreadable               not the format the channel reads              "unreadable"
├── MarkupChanged            read before, nothing to read now              "markup_changed"
├── TooLarge                 over the size limit                           "too_large"
├── Refused                  the site did not take the answer              "refused"
│   └── TooLong              ... because of its length (`limits`)          "too_long"
└── Unknown                  it may or may not have taken the answer       "unknown"
"""

from channels.contract import Limits


class ChannelError(Exception):
    """Base of all; `str(error)` is one clear English sentence, with the site's own words where it gave any."""

    kind = "error"


class Unreachable(ChannelError):
    kind = "unreachable"


class Insecure(Unreachable):
    kind = "insecure"


class RateLimited(ChannelError):
    kind = "rate_limited"

    def __init__(self, message: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class QuotaSpent(RateLimited):
    kind = "quota_spent"


class Unauthorized(ChannelError):
    kind = "unauthorized"


class Expired(Unauthorized):
    pass


class Blocked(ChannelError):
    kind = "blocked"


class NotFound(ChannelError):
    kind = "not_found"


class Gone(ChannelError):
    kind = "gone"


class Forbidden(ChannelError):
    kind = "forbidden"


class Unreadable(ChannelError):
    kind = "unreadable"


class MarkupChanged(ChannelError):
    kind = "markup_changed"


class TooLarge(ChannelError):
    kind = "too_large"


class Refused(ChannelError):
    kind = "refused"


class TooLong(Refused):
    """`limits` is what the site takes, by its own form or words."""

    kind = "too_long"

    def __init__(self, message: str, limits: Limits) -> None:
        super().__init__(message)
        self.limits = limits


class Unknown(ChannelError):
    kind = "unknown"
