"""What one crawl came to, counted while it runs. Neither Scrapy nor the database is seen here."""

from dataclasses import dataclass, field

from channels import errors
from channels.contract import Text
from channels.wire.redaction import Redaction
from desk.base.sentences import Sentence
from desk.base.words import CrawlOutcome
from desk.pipeline.arrivals import Recorded
from desk.sources.crawls import CrawlReport

MOST_REMARKS = 50
LONGEST_LINE = 500
NOT_FOLLOWED = Text(
    "The site says that this source has moved to where it cannot be followed: to an address at which the brand listens"
    " already, to one that is too long, or, with credentials, to another host. It stays where it was: change it by hand.",
    "По словам площадки, источник переехал туда, куда за ним нельзя последовать: на адрес, за которым бренд уже следит, на"
    " слишком длинный или, при сохранённых данных для входа, на другой сайт. Источник остался прежним: измените его вручную.",
)


class InternalError(errors.ChannelError):
    """The page was fine and we were not."""

    kind = "error"


class CredentialsLocked(InternalError):
    """The stored credentials cannot be opened."""

    kind = "unauthorized"


class SourceDamaged(InternalError):
    """What is stored of the source was damaged by hand, so that nothing was asked of its site."""

    kind = "damaged"


@dataclass(slots=True)
class RunningReport:
    """`requests` counts everything asked of the site but robots.txt; `pages` only those that were read. No line that is kept
    holds one of the `secrets`, whoever wrote it."""

    requests: int = 0
    unchanged: int = 0
    pages: int = 0
    items: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    remarks: list[str] = field(default_factory=list)
    problems: list[errors.ChannelError] = field(default_factory=list)
    is_interrupted: bool = False
    secrets: Redaction = field(default_factory=lambda: Redaction(()))

    def remark(self, said: Text) -> None:
        line = self._line(said)
        if len(self.remarks) < MOST_REMARKS and line not in self.remarks:
            self.remarks.append(line)

    def problem(self, error: errors.ChannelError) -> None:
        self.problems.append(error)

    def result(self) -> CrawlReport:
        if self.recorded.not_followed:
            self.remark(NOT_FOLLOWED)
        first = self.problems[0] if self.problems else None
        waits = [e.retry_after_seconds or 0 for e in self.problems if isinstance(e, errors.RateLimited)]
        return CrawlReport(
            outcome=self.outcome,
            requests=self.requests,
            unchanged=self.unchanged,
            items=self.items,
            new=self.recorded.new,
            edited=self.recorded.edited,
            error_kind=first.kind if first else None,
            error=self._line(first.text) if first else None,
            remarks=tuple(self.remarks),
            retry_after_seconds=max(waits, default=0) or None,
        )

    def _line(self, said: Text) -> Sentence:
        clean = Text(self.secrets.redact(said.en), self.secrets.redact(said.ru))
        return Sentence.of(clean).in_one_line(LONGEST_LINE)

    @property
    def outcome(self) -> CrawlOutcome:
        if self.is_interrupted:
            return CrawlOutcome.INTERRUPTED
        has_read = bool(self.pages or self.unchanged)
        if self.problems:
            return CrawlOutcome.PARTIAL if has_read else CrawlOutcome.FAILED
        return CrawlOutcome.UNCHANGED if self.unchanged and not self.pages else CrawlOutcome.OK
