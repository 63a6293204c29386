"""[pure] What the domain refuses, as a family that callers choose from.

DeskError
├── NotFound            no such row, or not one that this person may see
├── NotAllowed          the person's role does not permit it
├── IllegalStep         the state table has no such arrow (lifecycle.py)
├── Conflict            somebody was faster, or the thread has changed
├── Damaged             what a row holds was damaged by hand and cannot be read; `what` names it
└── Invalid             a value that cannot be accepted; `field` names it
"""


class DeskError(Exception):
    """Base of all; `str(error)` is one clear sentence for people, in English: the web layer translates by class. `said`
    is the same as it was given: a Sentence where it is kept in both languages."""

    @property
    def said(self) -> str:
        return self.args[0] if self.args else ""


class NotFound(DeskError):
    pass


class NotAllowed(DeskError):
    pass


class IllegalStep(DeskError):
    pass


class Conflict(DeskError):
    """`code` tells the web layer which sentence to show: taken, thread_changed, already_sent, closed, draft,
    nothing_to_look_for, exists, version, undo_late, undo_overtaken, undo_damaged."""

    def __init__(self, message: str, code: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.facts = facts


class Damaged(DeskError):
    """`what` tells the web layer which sentence to show: settings, own_names, file."""

    def __init__(self, message: str, what: str) -> None:
        super().__init__(message)
        self.what = what


class Invalid(DeskError):
    """`sentence` is written as `%(name)s is not a date.`, and `values` are put in: so it is the key by which the web layer finds
    its translation. The sentences of desk are collected from these very calls (webapp/catalogue.py)."""

    def __init__(self, sentence: str, field: str | None = None, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.field = field
        self.sentence, self.values = sentence, values
