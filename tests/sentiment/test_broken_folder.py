"""A folder of our own kind that is broken: one sentence that says what to do, and the family of error that workers wait for."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models

from sentiment import SHIPPED, Backend, ModelMissing, load
from sentiment.choice import OURS
from sentiment.contract import HEADS
from tests.sentiment import strangers

Break = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in OURS:
        (tmp_path / name).symlink_to(SHIPPED / name)
    return tmp_path


def write(folder: Path, name: str, content: bytes) -> None:
    (folder / name).unlink()
    (folder / name).write_bytes(content)


def say(**changed: object) -> Break:
    """config.json with these values; None takes one out."""

    def change(folder: Path) -> None:
        told = json.loads((folder / "config.json").read_text()) | changed
        kept = {name: value for name, value in told.items() if value is not None}
        write(folder, "config.json", json.dumps(kept).encode())

    return change


def everywhere(value: float) -> dict[str, dict[str, float]]:
    return {head: {"any": value} for head in HEADS}


def shorten(folder: Path) -> None:
    write(folder, "model.onnx", (folder / "model.onnx").read_bytes()[:1_000_000])


def take_weights_of_others(folder: Path) -> None:
    (folder / "model.onnx").unlink()
    strangers.write_onnx(folder, strangers.THREE, ["input_ids", "attention_mask"])


def tokenizer(content: str) -> Break:
    return lambda folder: write(folder, "tokenizer.json", content.encode())


def vocabulary(count: int, *marks: str) -> Break:
    words = [*marks, "[UNK]", *(f"w{number}" for number in range(count))]
    made = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    return tokenizer(made.to_str())


def test_links_to_the_shipped_files_are_the_shipped_judge(folder: Path, judge: Backend) -> None:
    assert load(str(folder)).classify(["Ужасно"]) == judge.classify(["Ужасно"])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (shorten, r"model\.onnx cannot be loaded"),
        (take_weights_of_others, "do not fit together"),
        (tokenizer("{}"), r"tokenizer\.json is no tokenizer"),
        (tokenizer('{"model": {"type": "New"}}'), r"tokenizer\.json is no tokenizer"),
        (tokenizer('{"model": {"type": "WordPiece"}}'), r"tokenizer\.json is no tokenizer"),
        (tokenizer("<html>"), r"tokenizer\.json is no tokenizer"),
        (vocabulary(10), r"lacks \[CLS\] or \[SEP\]"),
        (vocabulary(200_000, "[CLS]", "[SEP]"), "do not fit together"),
        (say(thresholds=None), "lacks thresholds"),
        (say(window=None, overlap="16"), "lacks window, overlap"),
        (say(revision=7), "lacks revision"),
        (say(temperatures={"sentiment": {"any": 1.0}}), "lacks temperatures"),
        (say(temperatures=everywhere(0)), "temperatures"),
        (say(thresholds=everywhere(float("nan"))), "thresholds"),
        (say(leans={"urgency": {"critical": "much"}}), "lacks leans"),
        (say(leans={"urgency": {"terrible": 1.0}}), "lacks leans"),
        (say(window=18, overlap=16), "overlap by 16"),
    ],
)
def test_a_broken_folder_of_ours_is_one_sentence(folder: Path, damage: Break, said: str) -> None:
    damage(folder)
    with pytest.raises(ModelMissing, match=said) as refusal:
        load(str(folder))
    assert "\n" not in str(refusal.value) and "again" in str(refusal.value)


def test_what_a_later_version_adds_to_the_config_does_no_harm(folder: Path) -> None:
    say(members=3)(folder)
    assert load(str(folder)).classify(["ok"])
