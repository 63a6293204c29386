"""A made-up channel that is told something of every kind, for the forms and commands that ask for it."""

from collections.abc import Iterable, Iterator

from channels.contract import About, Fetch, Field, Page, Parsed, Place, Text

KIND = "every_field"
PATH = f"{__name__}:EveryField"
SORTS = (("new", Text("Newest first", "Сначала новые")), ("old", Text("Oldest first", "Сначала старые")))


class EveryField:
    about = About(
        KIND,
        Text("Every field", "Все поля"),
        fields=(
            Field(
                "note", Text("Note", "Заметка"), hint=Text("A short one.", "Короткая."), most_letters=3_000
            ),
            Field("most", Text("Pages at most", "Страниц, не больше"), "number"),
            Field("with_old", Text("Old ones too", "И старые"), "switch"),
            Field("sort", Text("Order", "Порядок"), "choice", choices=SORTS),
            Field("word", Text("Word", "Слово"), "secret", needed_for="push", most_letters=10),
            Field("key_file", Text("Key file", "Файл ключа"), "long_secret", most_letters=8_000),
        ),
        terms=Text("Read the rules of the site first.", "Сначала прочтите правила площадки."),
    )

    def start(self, place: Place) -> Iterable[Fetch]:
        yield Fetch(place.url)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        return iter(())
