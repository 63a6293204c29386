"""What the answer to a request that changes something means, and what it says to people."""

from channels import errors
from channels.contract import Answer
from channels.reading import html_pages, letters
from channels.reading import text as plain_text


def words(answer: Answer, length: int = 300) -> str:
    """What the answer says to people, in one line."""
    return plain_text.line(
        letters.decode(answer.body[:50_000], answer.headers.get("content-type", "")), length
    )


def refusal(answer: Answer, said: str) -> errors.ChannelError:
    """What a status of 300 and more means for a sender; `said` are the site's own words."""
    status, told = answer.status, f" The site says: {said}" if said else ""
    if status == 401:
        return errors.Unauthorized(f"The site did not accept the name and password (401).{told}")
    if status == 403 and html_pages.wall_words(answer.body):
        return errors.Blocked("The site shows a check for robots; a person must answer there by hand.")
    if status == 429:
        wait = html_pages.retry_after(answer.headers)
        return errors.RateLimited(f"The site asks to come less often (429).{told}", wait)
    if status == 404:
        return errors.NotFound(f"The place to answer is not there any more (404).{told}")
    if status == 410:
        return errors.Gone(f"The place to answer is gone for good (410).{told}")
    if 300 <= status < 400:
        return errors.Refused(f"The site leads elsewhere ({status}); the answer was not sent there.{told}")
    if status >= 500:
        return errors.Unknown(
            f"The site had an error of its own ({status}) and may or may not have taken the answer."
        )
    return errors.Refused(f"The site did not take the answer ({status}).{told}")
