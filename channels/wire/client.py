"""The wire that is lent to a channel: guarded, authorized, at the account's pace, within limits of size and time, and
without secrets in its errors.

The line that matters: before a request that changes something was sent nothing can have happened at the site; after that,
without an answer that can be read, nobody knows. A question, a token asked for among them, changes nothing.
"""

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Final, Protocol, Self

import httpx

from channels import errors
from channels.contract import About, Answer, Authorizes, Call, Pace, Place, Text
from channels.reading import text as plain_text
from channels.wire import api_urls, guard, imap, mail, pace, redaction
from channels.wire.hosts import may_see_secrets

MAX_ANSWER: Final = 10_000_000
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_TURNS = pace.OwnTurns()


class AskingSettings(Protocol):
    """What the settings of the desk say about how sites are asked."""

    @property
    def user_agent(self) -> str: ...
    @property
    def allow_private_addresses(self) -> bool: ...
    @property
    def api_urls(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a wire is lent. No request is begun later than `longest_seconds` after the first; one may take a
    minute (channels.wire.guard). `is_single`: nothing is changed at the site more than once. `reserve` takes the turns of an
    account; as it is, those of this process alone. `api_urls`: kind -> the server that is asked instead of the official one."""

    user_agent: str
    allow_private: bool = False
    request_seconds: float = 20.0
    longest_seconds: float = 40.0
    is_single: bool = False
    reserve: pace.Reserve = _TURNS.take
    api_urls: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, chosen: AskingSettings, reserve: pace.Reserve) -> Self:
        """Those on which the house lends its wires."""
        return cls(
            chosen.user_agent, chosen.allow_private_addresses, reserve=reserve, api_urls=chosen.api_urls
        )


class GuardedWire:
    """Implements `channels.contract.Wire`. A context: errors that leave it have lost the secrets in their words.

    `channel` may be None, or one that proves nothing (without `Authorizes`). `now` is in UTC. `may_have_left`: whether
    something that could change the site was ever handed to the network. `renewed` gives the place with other secrets for one
    whose secrets have run out.
    """

    def __init__(
        self,
        terms: Terms,
        now: datetime,
        place: Place,
        channel: object = None,
        renewed: Callable[[Place], Place] | None = None,
    ) -> None:
        self.may_have_left, self._renewed = False, renewed
        self._terms, self._now, self._place = terms, now, place
        self._ends = time.monotonic() + terms.longest_seconds
        self._authorizer = channel if isinstance(channel, Authorizes) else None
        found = getattr(channel, "about", None)
        about = found if isinstance(found, About) else None
        self._pace = about.pace if about else Pace()
        self._lane = pace.lane_of(about.kind if about else type(channel).__name__, place)
        self._server = api_urls.replacement(about, terms.api_urls)
        self._redaction = redaction.Redaction(place.secrets.values())

    @property
    def now(self) -> datetime:
        return self._now

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            redaction.scrub(error, self._redaction)
        if "_transport" in vars(self):
            self._transport.close()

    def redact(self, told: Text | str) -> Text:
        """A text without the secrets of this place."""
        return self._redaction.redact_text(told if isinstance(told, Text) else Text.alike(told))

    def ask(self, call: Call, *, is_anonymous: bool = False) -> Answer:
        """Raises what `Wire.ask` raises, and Forbidden for an address that may not be asked or would see a secret."""
        if mail.is_server(call.url) or imap.is_server(call.url):
            return self._signed_in(call)
        sent = self._ready(call, is_anonymous=is_anonymous)
        client = self._stranger if is_anonymous else self._client
        if is_anonymous:
            client.cookies.clear()
        should_follow = sent.method in ("GET", "HEAD") and not self._redaction.is_in(sent) and sent is call
        try:
            return self._exchange(client, call, sent, should_follow=should_follow)
        except httpx.TooManyRedirects as error:
            raise errors.Unreadable(
                Text("The site redirects in a circle.", "Сайт перенаправляет по кругу.")
            ) from error
        except httpx.TimeoutException as error:
            raise errors.Unreachable(
                Text("The site did not answer in time.", "Сайт не ответил вовремя.")
            ) from error
        except httpx.TransportError as error:
            raise self._no_answer(error) from error
        except httpx.InvalidURL as error:
            raise errors.Unreadable(Text("The address is not a web address.", "Это не веб-адрес.")) from error

    def act(self, call: Call) -> Answer:
        """Raises what `Wire.act` raises, and Forbidden or Refused for what was never sent."""
        self._begin_acting()
        sent = self._ready(call)
        had_left, self.may_have_left = self.may_have_left, True
        try:
            return self._exchange(self._client, call, sent, should_follow=False)
        except _BEFORE_SENDING as error:
            self.may_have_left = had_left
            raise errors.Unreachable(
                Text(
                    f"The site could not be reached, nothing was sent ({self._words(error)}).",
                    f"Сайт недоступен, ничего не отправлено ({self._words(error)}).",
                )
            ) from error
        except errors.Forbidden:
            self.may_have_left = had_left
            raise
        except httpx.InvalidURL as error:
            self.may_have_left = had_left
            raise errors.Refused(
                Text(
                    "The address to send to is not a web address; nothing was sent.",
                    "Адрес для отправки — не веб-адрес; ничего не отправлено.",
                )
            ) from error
        except httpx.TimeoutException as error:
            raise errors.Unknown(
                Text(
                    "The site did not say in time whether it took the answer.",
                    "Сайт не сообщил вовремя, принял ли он ответ.",
                )
            ) from error
        except httpx.TransportError as error:
            raise errors.Unknown(
                Text(
                    "The connection broke before the site said whether it took the answer.",
                    "Соединение прервалось до того, как сайт сообщил, принял ли он ответ.",
                )
            ) from error
        except errors.TooLarge as error:
            raise errors.Unknown(
                Text(
                    "The site answered with more than can be read.",
                    "Сайт прислал больше, чем можно прочитать.",
                )
            ) from error

    def deliver(self, server: str, message: bytes, recipients: Sequence[str]) -> str:
        """`server` is smtps://host:port, or smtp+starttls://host:port. Name and password are what `authorize` puts into
        the headers `user` and `password` of a call to it."""
        self._begin_acting()
        sent = self._authorized(Call(server, "DELIVER"))
        login = mail.Login(sent.headers.get("user", ""), sent.headers.get("password", ""))
        self._wait()
        try:
            said = mail.deliver(
                server, message, recipients, login, self._terms.allow_private, self._terms.request_seconds
            )
        except errors.Unknown:
            self.may_have_left = True
            raise
        self.may_have_left = True
        return said

    def _signed_in(self, call: Call) -> Answer:
        """A mail server that takes the name and password, and shows the mailbox where one is named."""
        sent, terms = self._authorized(call), self._terms
        user, password = sent.headers.get("user", ""), sent.headers.get("password", "")
        self._wait()
        if imap.is_server(call.url):
            limits = imap.Limits(terms.request_seconds, MAX_ANSWER, terms.allow_private)
            imap.look_into(call.url, user, password, limits)
        else:
            login = mail.Login(user, password)
            mail.sign_in(call.url, user, login, terms.allow_private, terms.request_seconds)
        return Answer(call.url, 200, {}, b"")

    def _begin_acting(self) -> None:
        if self._terms.is_single and self.may_have_left:
            raise errors.Unknown(
                Text(
                    "Something was sent already, and nothing is sent twice.",
                    "Что-то уже отправлено, а дважды ничего не отправляется.",
                )
            )

    def _ready(self, call: Call, *, is_anonymous: bool = False) -> Call:
        """The call as it goes out. Whatever is wrong with it is said before anything is sent."""
        if reason := guard.refuse_reason(call.url, self._terms.allow_private):
            raise errors.Forbidden(reason)
        sent = call if is_anonymous else self._authorized(call)
        if sent is call and self._redaction.is_in(call) and (is_anonymous or not self._may_see(call.url)):
            raise errors.Forbidden(
                Text(
                    "A secret would have gone where it does not belong; nothing was sent.",
                    "Секрет ушёл бы туда, где ему не место; ничего не отправлено.",
                )
            )
        if any(not value.isprintable() or not value.isascii() for value in sent.headers.values()):
            raise errors.Refused(
                Text(
                    "A name or password contains characters that a request cannot carry; nothing was sent.",
                    "В имени или пароле есть знаки, которые нельзя передать в запросе; ничего не отправлено.",
                )
            )
        self._wait()
        return sent

    def _authorized(self, call: Call) -> Call:
        """The last step: what proves who we are, for the hosts that the channel names."""
        if self._authorizer is None or not self._may_see(call.url):
            return call
        sent = self._proved(self._authorizer, call)
        if sent is not call and not self._may_see(sent.url):
            raise errors.Forbidden(
                Text(
                    "A secret would have gone where it does not belong; nothing was sent.",
                    "Секрет ушёл бы туда, где ему не место; ничего не отправлено.",
                )
            )
        self._redaction.learn(call, sent)
        return sent

    def _proved(self, authorizer: Authorizes, call: Call) -> Call:
        """With secrets that are still good: those that ran out are renewed first, once."""
        try:
            if self._place.expires_at is not None and self._place.expires_at <= self._now:
                raise errors.Expired(
                    Text("The credentials have expired.", "Срок действия данных для входа истёк.")
                )
            return authorizer.authorize(self._place, call, self._now)
        except errors.Expired:
            if self._renewed is None:
                raise
        renewed, self._renewed = self._renewed, None
        self._place = renewed(self._place)
        self._redaction.add(self._place.secrets.values())
        return authorizer.authorize(self._place, call, self._now)

    def _may_see(self, url: str) -> bool:
        hosts = self._authorizer.hosts(self._place) if self._authorizer is not None else ()
        return may_see_secrets(url, hosts, self._place)

    def _wait(self) -> None:
        left = self._ends - time.monotonic()
        if left < 0:
            raise errors.Unreachable(Text("The site takes too long overall.", "Сайт отвечает слишком долго."))
        if self._lane is not None:
            pace.wait(self._terms.reserve, self._lane, self._pace, left)

    def _exchange(self, client: httpx.Client, call: Call, sent: Call, *, should_follow: bool) -> Answer:
        address = self._server.outgoing(sent.url)
        request = client.build_request(sent.method, address, content=sent.body, headers=dict(sent.headers))
        response = client.send(request, stream=True, follow_redirects=should_follow)
        try:
            body = guard.read_limited(response, MAX_ANSWER)
        finally:
            response.close()
        headers = {name.lower(): value for name, value in response.headers.items()}
        # What was put into the address to prove who we are stays on the wire.
        is_elsewhere = response.url != request.url
        final = self._server.incoming(str(response.url)) if is_elsewhere or address == sent.url else call.url
        return Answer(final if sent is call else call.url, response.status_code, headers, body)

    @cached_property
    def _transport(self) -> guard.GuardedTransport:
        return guard.GuardedTransport(self._terms.allow_private)

    @cached_property
    def _client(self) -> httpx.Client:
        return self._new_client()

    @cached_property
    def _stranger(self) -> httpx.Client:
        """Without the cookies of the other."""
        return self._new_client()

    def _new_client(self) -> httpx.Client:
        terms = self._terms
        return guard.guarded_client(
            terms.allow_private, terms.user_agent, terms.request_seconds, self._transport
        )

    def _no_answer(self, error: Exception) -> errors.Unreachable:
        """Why a question got none; what the TLS library says is for programmers."""
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLError):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLCertVerificationError):
            return errors.Insecure(
                Text(
                    f"The site's certificate is not valid: {cause.verify_message}.",
                    f"Сертификат сайта недействителен: {cause.verify_message}.",
                )
            )
        if cause is not None:
            return errors.Unreachable(
                Text(
                    "Nothing at this address answers over https.",
                    "По этому адресу никто не отвечает по https.",
                )
            )
        return errors.Unreachable(
            Text(
                f"The site gave no answer ({self._words(error)}).", f"Сайт не ответил ({self._words(error)})."
            )
        )

    def _words(self, error: Exception) -> str:
        return plain_text.line(self._redaction.redact(str(error)), 120) or type(error).__name__
