"""Requests of `send`, `check` and `look`, and what their failures mean.

The line that matters: before the request was sent nothing can have happened at the site; after that,
without an answer that can be read, nobody knows.
"""

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from channels import errors
from channels.reading import html_pages, letters
from channels.reading import text as plain_text
from channels.wire import guard

MAX_ANSWER: Final = 10_000_000
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The answer as JSON, or None when it is none."""
        try:
            return json.loads(letters.decode(self.body, self.headers.get("content-type", "")))
        except (ValueError, RecursionError):
            return None

    def words(self, length: int = 300) -> str:
        """What the answer says to people, in one line."""
        return plain_text.line(
            letters.decode(self.body[:50_000], self.headers.get("content-type", "")), length
        )


class RequestWatch:
    """Sees every request of a client before it goes out (`event_hooks`): whether one that could change something was ever
    handed to the network, and whether there is time for another. Raises httpx.ConnectTimeout when `longest_seconds` are
    over."""

    have_left = False

    def __init__(self, longest_seconds: float) -> None:
        self._ends = time.monotonic() + longest_seconds

    def __call__(self, request: httpx.Request) -> None:
        if time.monotonic() > self._ends:
            raise httpx.ConnectTimeout("the site takes too long over all", request=request)
        self.have_left = self.have_left or request.method not in ("GET", "HEAD", "OPTIONS")


def fetch(
    http: httpx.Client, url: str, headers: Mapping[str, str] | None = None, is_anonymous: bool = False
) -> Answer:
    """A GET. Raises Unreachable when no answer came, Unreadable or TooLarge when it was none to use."""
    try:
        request = http.build_request("GET", url, headers=dict(headers or {}))
        if is_anonymous:
            request.headers.pop("cookie", None)
            request.headers.pop("authorization", None)
        return _exchange(http, request, should_follow=not headers)
    except httpx.TooManyRedirects as error:
        raise errors.Unreadable("The site redirects in a circle.") from error
    except httpx.TimeoutException as error:
        raise errors.Unreachable("The site did not answer in time.") from error
    except httpx.TransportError as error:
        raise _no_answer(error) from error
    except httpx.InvalidURL as error:
        raise errors.Unreadable("The address is not a web address.") from error


def post(http: httpx.Client, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
    """One POST, never repeated and never redirected.

    Raises Unreachable when it surely was not sent, and Unknown when no usable answer came after it was.
    """
    try:
        request = http.build_request("POST", url, content=content, headers=dict(headers))
        return _exchange(http, request, should_follow=False)
    except _BEFORE_SENDING as error:
        raise errors.Unreachable(
            f"The site could not be reached, nothing was sent ({_words(error)})."
        ) from error
    except httpx.InvalidURL as error:
        raise errors.Refused("The address to send to is not a web address; nothing was sent.") from error
    except httpx.TimeoutException as error:
        raise errors.Unknown("The site did not say in time whether it took the answer.") from error
    except httpx.TransportError as error:
        raise errors.Unknown(
            "The connection broke before the site said whether it took the answer."
        ) from error
    except errors.TooLarge as error:
        raise errors.Unknown("The site answered with more than can be read.") from error


def _exchange(http: httpx.Client, request: httpx.Request, should_follow: bool) -> Answer:
    response = http.send(request, stream=True, follow_redirects=should_follow)
    try:
        body = guard.read_limited(response, MAX_ANSWER)
    finally:
        response.close()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(str(response.url), response.status_code, headers, body)


def _no_answer(error: Exception) -> errors.Unreachable:
    """Why a GET got none; what the TLS library says is for programmers."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return errors.Insecure(f"The site's certificate is not valid: {cause.verify_message}.")
    if cause is not None:
        return errors.Unreachable("Nothing at this address speaks https.")
    return errors.Unreachable(f"The site gave no answer ({_words(error)}).")


def _words(error: Exception) -> str:
    return plain_text.line(str(error), 120) or type(error).__name__


def refusal(answer: Answer, said: str) -> errors.ChannelError:
    """What a status of 300 and more means for a sender; `said` are the site's own words."""
    status, words = answer.status, f" The site says: {said}" if said else ""
    if status == 401:
        return errors.Unauthorized(f"The site did not accept the name and password (401).{words}")
    if status == 403 and html_pages.wall_words(answer.body):
        return errors.Blocked("The site shows a check for robots; a person must answer there by hand.")
    if status == 429:
        wait = html_pages.retry_after(answer.headers)
        return errors.RateLimited(f"The site asks to come less often (429).{words}", wait)
    if status == 404:
        return errors.NotFound(f"The place to answer is not there any more (404).{words}")
    if status == 410:
        return errors.Gone(f"The place to answer is gone for good (410).{words}")
    if 300 <= status < 400:
        return errors.Refused(f"The site leads elsewhere ({status}); the answer was not sent there.{words}")
    if status >= 500:
        return errors.Unknown(
            f"The site had an error of its own ({status}) and may or may not have taken the answer."
        )
    return errors.Refused(f"The site did not take the answer ({status}).{words}")
