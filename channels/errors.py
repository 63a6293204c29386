"""What can go wrong at a source, as a family that callers choose from.

ChannelError                 the sentence is for people; `kind` is for source health
├── Unreachable              no answer: DNS, refused, timed out            "unreachable"
│   └── Insecure             its certificate is not valid                  "insecure"
├── RateLimited              asks to try again later (`retry_after_seconds`) "rate_limited"
│   └── QuotaSpent           the account may ask no more today              "quota_spent"
├── Unauthorized             credentials missing or wrong                  "unauthorized"
│   └── Expired              they expired, and `renew` may help            "unauthorized"
├── Blocked                  a check for robots                            "blocked"
│   └── Captcha              ... that a person can pass                    "captcha"
├── NotFound                 404 or a soft 404                             "not_found"
├── Gone                     410: will not come back                       "gone"
├── Forbidden                robots.txt or our address guard               "forbidden"
├── Unreadable               not the format the channel reads              "unreadable"
├── MarkupChanged            read before, nothing to read now              "markup_changed"
├── TooLarge                 over the size limit                           "too_large"
├── Refused                  the site did not take the answer              "refused"
│   ├── TooLong              ... because of its length (`limits`)          "too_long"
│   └── AlreadyAnswered      ... because it takes one, and has it          "already_answered"
└── Unknown                  it may or may not have taken the answer       "unknown"
"""

from channels.contract import Limits, Text


class ChannelError(Exception):
    """Base of all. `text` is one clear sentence in both languages, with the site's own words where it gave any;
    `str(error)` is the English one. What is given as a plain text is a site's word and the same in both."""

    kind = "error"

    def __init__(self, said: Text | str = "") -> None:
        super().__init__(said if isinstance(said, Text) else Text(str(said), getattr(said, "ru", str(said))))

    @property
    def text(self) -> Text:
        told = self.args[0]
        return told if isinstance(told, Text) else Text.alike(str(told))


class Unreachable(ChannelError):
    kind = "unreachable"


class Insecure(Unreachable):
    kind = "insecure"


class RateLimited(ChannelError):
    kind = "rate_limited"

    def __init__(self, said: Text | str = "", retry_after_seconds: int | None = None) -> None:
        super().__init__(said)
        self.retry_after_seconds = retry_after_seconds


class QuotaSpent(RateLimited):
    kind = "quota_spent"


class Unauthorized(ChannelError):
    kind = "unauthorized"


class Expired(Unauthorized):
    pass


class Blocked(ChannelError):
    kind = "blocked"


class Captcha(Blocked):
    kind = "captcha"


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

    def __init__(self, said: Text | str, limits: Limits) -> None:
        super().__init__(said)
        self.limits = limits


class AlreadyAnswered(Refused):
    kind = "already_answered"


class Unknown(ChannelError):
    kind = "unknown"
