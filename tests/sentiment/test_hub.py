"""Models of others through torch: small BERT and XLM-R bodies built here; and what is said where torch or they are missing."""

import random
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from sentiment import Backend, ModelMissing, load
from tests.sentiment import strangers

needs_torch = pytest.mark.skipif(
    find_spec("torch") is None or find_spec("transformers") is None,
    reason="needs torch and transformers: pip install -r requirements-train.txt",
)
pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]
TEXTS = [
    "ужасно",
    "",
    "отлично спасибо",
    "заказ и " * 300,
    "ужасно " * 61,
    "ужасно " * 62,
    "😡 http://a.example",
]


@pytest.fixture(autouse=True)
def without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="module", params=["bert", "xlm-roberta"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("torch") / f"small-{request.param}"
    return strangers.make_torch(made, ("NEUTRAL", "POSITIVE", "NEGATIVE"), request.param)


@pytest.fixture(scope="module")
def stranger(folder: Path) -> Backend:
    return load(str(folder))


@needs_torch
def test_it_answers_as_transformers_does(stranger: Backend, folder: Path) -> None:
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        logits = model(
            **tokenizer("ужасно и плохо", return_tensors="pt", return_token_type_ids=False)
        ).logits[0]
    neutral, positive, negative = torch.softmax(logits, -1).tolist()
    (chances,) = stranger.chances("sentiment", ["ужасно и плохо"])
    assert chances == pytest.approx(
        {"negative": negative, "neutral": neutral, "positive": positive}, abs=1e-5
    )


@needs_torch
def test_company_never_changes_a_verdict(stranger: Backend) -> None:
    alone = {text: stranger.classify([text])[0] for text in TEXTS}
    company = TEXTS * 3
    random.Random(4).shuffle(company)
    assert stranger.classify(company) == [alone[text] for text in company]


@needs_torch
def test_a_long_text_is_all_its_windows(stranger: Backend) -> None:
    """Its places would run out after 64 tokens; a word repeated says in every window what it says in one."""
    short, long = stranger.chances("sentiment", ["ужасно " * 61, "ужасно " * 6_000])
    ended, other = stranger.chances("sentiment", ["заказ " * 300 + "ужасно " * 300, "заказ " * 600])
    assert all(np.isfinite(list(one.values())).all() for one in (short, long, ended, other))
    assert ended != pytest.approx(other, abs=1e-3)
    assert long == pytest.approx(short, abs=0.05)


@needs_torch
def test_a_verdict_names_both_models(stranger: Backend, folder: Path, judge: Backend) -> None:
    (verdict,) = stranger.classify(["отлично"])
    assert verdict.backend == f"{folder.name} + onnx"
    assert verdict.revision == stranger.revision and verdict.revision.endswith(judge.revision)


@needs_torch
def test_a_body_without_a_head_is_refused(tmp_path: Path) -> None:
    folder = strangers.make_torch(tmp_path / "body", strangers.THREE, has_head=False)
    with pytest.raises(ModelMissing, match="no text classifier: its weights lack classifier"):
        load(str(folder))


@needs_torch
def test_unknown_labels_are_refused_and_can_be_mapped(tmp_path: Path) -> None:
    folder = str(strangers.make_torch(tmp_path / "m", ("LABEL_0", "LABEL_1", "LABEL_2")))
    with pytest.raises(ModelMissing, match="OTKLIK_SENTIMENT_LABELS="):
        load(folder)
    assert load(folder, labels="LABEL_0=negative,LABEL_1=neutral,LABEL_2=positive").classify(["ужасно"])


@needs_torch
def test_half_a_download_is_one_sentence(tmp_path: Path) -> None:
    folder = strangers.make_torch(tmp_path / "half")
    (folder / "model.safetensors").write_bytes(b"\x00" * 40)
    with pytest.raises(ModelMissing, match="cannot be loaded") as refusal:
        load(str(folder))
    assert "\n" not in str(refusal.value)


@needs_torch
def test_a_tokenizer_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    folder = strangers.make_torch(tmp_path / "m")
    (folder / "tokenizer.json").write_text('{"model": {"type": "New"}}')
    with pytest.raises(ModelMissing, match="cannot be loaded") as refusal:
        load(str(folder))
    assert "\n" not in str(refusal.value)


@needs_torch
def test_another_tokenizer_or_threshold_is_another_revision(tmp_path: Path) -> None:
    folder = strangers.make_torch(tmp_path / "m")
    before, strict = load(str(folder)), load(str(folder), threshold=0.9)
    path = folder / "tokenizer.json"
    path.write_text(path.read_text("utf-8").replace('"ужасно"', '"ужасна"'), "utf-8")
    assert len({before.revision, strict.revision, load(str(folder)).revision}) == 3


@needs_torch
def test_a_name_that_cannot_be_fetched_says_what_to_do() -> None:
    with pytest.raises(
        ModelMissing, match="neither a folder here nor a model that can be fetched"
    ) as refusal:
        load("nobody/no-such-model")
    assert "copy the model's folder" in str(refusal.value)


@pytest.mark.parametrize("library", ["torch", "transformers"])
def test_without_torch_it_says_what_to_install(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if library == "transformers" and find_spec("torch") is None:
        pytest.skip("torch is missing first")
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, "sentiment.hub", raising=False)
    with pytest.raises(ModelMissing, match=f"needs {library}.*requirements-train.txt.*optimum-cli"):
        load("cardiffnlp/twitter-xlm-roberta-base-sentiment")
