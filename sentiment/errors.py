"""Errors that a caller of this package may meet; texts never cause one."""


class SentimentError(Exception):
    """The family of this package's errors."""


class ModelMissing(SentimentError):
    """The folder does not hold a model that we can load."""


class TableUnreadable(SentimentError):
    """The file to evaluate on is no table with the columns text, label and task."""
