"""Step 10: MODEL_CARD.md, written from what the other steps left; no figure in it is typed by hand."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sentiment.train.sets import SETS
from sentiment.train.workshop import Workshop

Table = dict[str, dict[str, dict[str, Any]]]

_OPENING = """# The judge that ships with Otklik

One encoder for Russian and English with three heads: sentiment (negative, neutral, positive), kind (complaint, question,
praise, suggestion, other) and urgency (critical, high, normal, low). Language is told by rule (`sentiment/language.py`).
Served in int8 by onnxruntime, one window of text at a time, so that no text changes the verdict of another.

**For**: short public mentions of a brand (reviews, posts, comments, mails), to sort them for people to answer.
**Not for**: decisions about the persons who wrote, other languages (they are marked `other` and need a look), and texts
where a wrong tag would do harm without a person reading it. Where the model is not sure it says so (`needs_look`).

Made by `make train`, from MiniLM (all-MiniLM-L6-v2, Apache-2.0): English pieces in use kept with their vectors, Russian
pieces started by co-occurrence in parallel text, aligned with the body frozen, then all tuned together on the tasks.
"""

_READING = """How labels of the sets are read as ours stands in `sentiment/labels.py`. Scores of the judge are those of the int8
model as shipped; an answer outside the classes of a set counts as wrong (so a `neutral` on a review of five stars does).
Sets named `_weak` have labels made by a rule and say little about quality. From
the three levels of the urgency sets (all of them weak) the judge learns only that one of two of our labels is right,
the baseline learns the very level that is asked for: there the two cannot be compared. Where a set is larger than 1,500 rows an even
share of it is measured.
"""


def write_card(shop: Workshop) -> None:
    checks = json.loads(shop.file("checks.json").read_text(encoding="utf-8"))
    tested = shop.file("test.json")
    test: Table = json.loads(tested.read_text(encoding="utf-8")) if tested.exists() else {}
    config = json.loads((shop.model / "config.json").read_text(encoding="utf-8"))
    parts = [
        _OPENING,
        f"Revision `{config['revision']}`; weights, tokenizer and config take {checks['bytes'] / 1e6:.1f} MB.\n",
        "## What it was trained on\n", *_sources(shop),
        "## Scores beside TF-IDF with logistic regression, trained on the same rows\n", _READING,
        "### Own texts kept back (written for the project, never trained on)\n", *_scores(checks["own"]),
        "### dev (used to choose)\n", *_scores(checks["dev"]),
        "### test (measured once, for the finished model)\n", *_scores(test),
        "## How far its probabilities can be believed (dev)\n",
        "Temperatures and thresholds were fitted on these very texts, so the figures are a little kind to the model.\n",
        *_beliefs(checks["reliability"]),
        "## int8 against fp32\n",
        *(f"- {head}: the same answer for {share:.2%} of dev texts" for head, share in checks["quantization"].items()),
        "",
        "## Plan of this training\n", _tuned(shop), "```json", json.dumps(json.loads(shop.file("plan.json").read_text()), indent=1), "```", "",
    ]  # fmt: skip
    (shop.model / "MODEL_CARD.md").write_text("\n".join(parts), encoding="utf-8")


def _tuned(shop: Workshop) -> str:
    record = json.loads(shop.file("checkpoint.json").read_text(encoding="utf-8"))
    return f"Tuned for {record['steps']} of {record['of_steps']} planned steps, in {record['minutes']} minutes.\n"


def _sources(shop: Workshop) -> Iterable[str]:
    counts: Counter[str] = Counter()
    for row in shop.rows:
        counts.update({name for _, _, name in row.labels.values()})
    yield f"{len(shop.rows)} texts, each once, with the labels of every set that holds it.\n"
    yield f"- own texts (`sentiment/train/own/`, the project's licence): {counts['own']}"
    for licence, title in (
        ("permissive", "sets with a stated permissive licence"),
        ("published", "sets published by their authors for training classifiers, no licence stated"),
    ):
        yield (
            f"\n**{title}**"
            + (" (`--permissive-only` leaves them out)" if licence == "published" else "")
            + "\n"
        )
        for chosen in SETS:
            if chosen.licence == licence and counts[chosen.name]:
                yield f"- {chosen.name}: {counts[chosen.name]} texts, weight {chosen.weight}; {chosen.terms}"
    yield "\nParallel text for the Russian pieces: SMARTool (CC BY 4.0), Russian MultiWOZ (MIT), ru-goemotions (MIT),"
    yield "interface texts of free projects (BSD, MIT, Apache-2.0), Microsoft documentation (CC BY 4.0).\n"


def _scores(table: Table) -> Iterable[str]:
    yield "| set | task | n | judge macro-F1 | baseline macro-F1 | gain | judge macro recall | judge accuracy |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, both in table.items():
        ours, theirs = both["judge"], both["baseline"]
        gain = 100 * (ours["macro_f1"] - theirs["macro_f1"])
        yield (
            f"| {name} | {ours['task']} | {ours['n']} | {ours['macro_f1']:.3f} | {theirs['macro_f1']:.3f} | {gain:+.1f} "
            f"| {ours['macro_recall']:.3f} | {ours['accuracy']:.3f} |"
        )
    yield ""


def _beliefs(found: dict[str, dict[str, float]]) -> Iterable[str]:
    yield "| head / language | n | ECE | accuracy | accuracy of the surest 80 % | needs a look (any head) |"
    yield "|---|---|---|---|---|---|"
    for name, row in found.items():
        shares = " | ".join(f"{row[key]:.3f}" for key in ("ece", "accuracy", "accuracy_at_80", "needs_look"))
        yield f"| {name} | {row['n']:.0f} | {shares} |"
    yield ""
