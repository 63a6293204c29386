"""What a person types into a channel's field is kept as its kind asks, or refused in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import fields
from channels.contract import Field, Text

TITLE = Text("Name", "Имя")
CHOICES = (("new", Text("Newest first", "Сначала новые")), ("old", Text("Oldest first", "Сначала старые")))


def field(kind="text", **facts):
    return Field("name", TITLE, kind, **facts)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", "  Zarya \n", "Zarya"),
        ("secret", " a b ", " a b "),
        ("long_secret", "{\r\n}\r\n", "{\n}\n"),
        ("number", " 007 ", "7"),
        ("number", "", ""),
        ("switch", "1", "1"),
        ("switch", "Yes", "1"),
        ("switch", "off", ""),
        ("choice", "old", "old"),
        ("choice", "", ""),
    ],
)
def test_each_kind_is_kept_in_its_way(kind, typed, kept):
    assert fields.read(field(kind, choices=CHOICES), typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "english", "russian"),
    [
        ("number", "many", "a whole number", "целое число"),
        ("number", "-1", "a whole number", "целое число"),
        ("number", "1.5", "a whole number", "целое число"),
        ("number", "٣", "a whole number", "целое число"),
        ("number", "1" * 10, "a whole number", "целое число"),
        ("switch", "perhaps", "yes or no", "yes или no"),
        ("choice", "best", "one of: new, old", "одно из значений: new, old"),
        ("text", "a\0b", "without zero bytes", "без нулевых байтов"),
    ],
)
def test_what_does_not_fit_is_said_in_both_languages(kind, typed, english, russian):
    with pytest.raises(fields.Wrong) as caught:
        fields.read(field(kind, choices=CHOICES), typed)
    assert english in caught.value.text.en and caught.value.text.en.startswith("“Name”")
    assert russian in caught.value.text.ru and caught.value.text.ru.startswith("«Имя»")
    assert str(caught.value) == caught.value.text.en


@given(st.integers(1, 50), st.sampled_from(["text", "secret", "long_secret"]), st.data())
def test_nothing_is_cut_in_silence(most, kind, data):
    typed = data.draw(st.text(st.characters(exclude_characters="\0\r\n"), max_size=60))
    one = field(kind, most_letters=most)
    if len(typed) <= most:
        kept = fields.read(one, typed)
        assert kept == (typed.strip() if kind == "text" else typed)
        return
    with pytest.raises(fields.Wrong) as caught:
        fields.read(one, typed)
    assert f"at most {most} characters" in str(caught.value)


@given(st.sampled_from(["secret", "long_secret"]), st.text("xyz", min_size=30, max_size=40))
def test_a_refusal_never_repeats_what_was_typed(kind, typed):
    with pytest.raises(fields.Wrong) as caught:
        fields.read(field(kind, most_letters=10), typed)
    assert typed[:10] not in repr(caught.value)
