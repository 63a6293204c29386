"""What is known of Russian and English words, in the shape in which queries ask for it (desk/queries/forms.py)."""

from collections.abc import Collection

from desk.mentions import search, word_forms


class Lexicon:
    def forms(self, word: str) -> Collection[str]:
        return word_forms.forms(word)

    def stem(self, word: str) -> str:
        return search.stem(word)


LEXICON = Lexicon()
