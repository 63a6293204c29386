"""What is said to people, in every language of the pages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for people in every language of the pages."""

    en: str
    ru: str

    @classmethod
    def alike(cls, words: str) -> "Text":
        """Words that are the same whoever reads them: a site's own, a name."""
        return cls(words, words)

    def __str__(self) -> str:
        return self.en

    def __add__(self, more: "Text | str") -> "Text":
        also = more if isinstance(more, Text) else Text.alike(more)
        return Text(self.en + also.en, self.ru + also.ru)
