"""[pure] Errors that a caller of this package may meet; texts never cause one."""


class SentimentError(Exception):
    """The family of this package's errors."""


class ModelMissing(SentimentError):
    """There is no model that we can load; the message says what to do."""


class TableUnreadable(SentimentError):
    """The file to evaluate on is no table with the columns text, label and task."""


class ReplayMissing(SentimentError):
    """The model's folder holds no replay set, so it can judge but cannot learn."""


class AdaptationUnreadable(SentimentError):
    """Bytes that are no learned correction of these heads."""


class LabelsUnknown(ModelMissing):
    """A model is there, but we do not know what its labels mean."""
