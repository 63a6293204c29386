"""Step 14: MODEL_CARD.md, written from what the other steps left; no figure in it is typed by hand."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sentiment.contract import HEADS
from sentiment.scores import weighted_kappa
from sentiment.train.calibrate import LEAST_RECALL, MOST_LEAN
from sentiment.train.guided import LABELLED, SECOND_READING
from sentiment.train.reliability import COVERAGES
from sentiment.train.sets import SETS
from sentiment.train.tables import read_table
from sentiment.train.workshop import Workshop

Table = dict[str, dict[str, dict[str, Any]]]
Beliefs = dict[str, dict[str, Any]]

_OPENING = """# The tagging model that ships with Otklik

One encoder for Russian and English with four heads: sentiment (negative, neutral, positive), kind (complaint, question,
praise, suggestion, other), urgency (critical, high, normal, low) and abuse (ok, abusive). Language is told by rule
(`sentiment/language.py`). Served in int8 by onnxruntime, one window of text at a time, so that no text changes the
verdict of another.

**For**: short public mentions of a brand (reviews, posts, comments, mails), to sort them for people to answer.
**Not for**: decisions about the persons who wrote, other languages (they are marked `other` and need a look), and texts
where a wrong tag would do harm without a person reading it. Where the model is not sure it says so (`needs_look`).

Made by `make train` from MiniLM (all-MiniLM-L6-v2, Apache-2.0): English pieces in use kept with their vectors, Russian
pieces started by co-occurrence in parallel text and aligned with the body frozen{pretraining}, then all tuned together on
the tasks (what was tried and what each step gave: docs/training.md).
Sets that mean different things by one label have slots of their own in a head (`SLOTS` in `sentiment/train/sets.py`);
the sentiment of a text is what all slots say, weighed by how likely the text is of their family.
"""

_READING = """How labels of the sets are read as ours stands in `sentiment/labels.py`. Scores of the model are those of the int8
model as shipped; an answer outside the classes of a set counts as wrong (so a `neutral` on a review of five stars does).
The baseline is TF-IDF (words 1-2, letters 2-5) with logistic regression on those of the same rows that name one label in
our own meaning, each weighed as it weighs for the model. F+- is the mean F1 of positive and negative. Sets whose labels a
rule made (`_weak`) are not measured, nor are the dev parts of GoEmotions: one training set is a translation of them.
"""

_FITTED = "Temperatures and thresholds were fitted on dev texts; these are test texts.\n"

_GUIDED = """`own`: written for the project; one tenth is dev, none is test. `labelled`: texts with a free licence, labelled for the
project by the guide; a tenth is dev, two tenths are test. Both were written and labelled with the help of language
models that worked under the guide, in portions, reading each text; the second reading was made apart from the first.
"""


def write_card(shop: Workshop) -> None:
    checks = _read(shop, "checks.json")
    tested = _read(shop, "test.json")
    config = json.loads((shop.model / "config.json").read_text(encoding="utf-8"))
    parts = [
        _opening(_read(shop, "plan.json")),
        _sizes(config["revision"], checks),
        "## What it was trained on\n", *_sources(shop), *_readings(),
        "## Scores beside TF-IDF with logistic regression, trained on the same rows\n", _READING,
        "### dev (used to choose)\n", *_scores(checks["dev"]),
        "### test (measured once, for the finished model)\n", *_scores(tested["test"]),
        "## Beside open tools that need no training\n", *_peers(_read(shop, "peers.json")),
        "## How far its probabilities can be believed\n", _FITTED, _lean(config), *_beliefs(tested["reliability"]),
        "## int8 against fp32\n", *_quantized(checks),
        "## Plan of this training\n", _tuned(shop), "```json", json.dumps(_read(shop, "plan.json"), indent=1), "```", "",
    ]  # fmt: skip
    (shop.model / "MODEL_CARD.md").write_text("\n".join(parts), encoding="utf-8")


def _sizes(revision: str, checks: dict[str, Any]) -> str:
    served, replayed = (checks[key] / 1e6 for key in ("bytes", "replay_bytes"))
    return (
        f"Revision `{revision}`; weights, tokenizer and config take {served:.1f} MB, and the replay set for learning at the "
        f"desk {replayed:.1f} MB.\n"
    )


def _lean(config: dict[str, Any]) -> str:
    leans = [f"{label} {value}" for found in config["leans"].values() for label, value in found.items()]
    if not leans:
        return ""
    return (
        f"Before the urgency is chosen, its logits are raised ({', '.join(leans)}), by the least, up to {MOST_LEAN:g}, that "
        f"finds {LEAST_RECALL:.0%} of the urgent dev texts; probabilities know nothing of that.\n"
    )


def _opening(plan: dict[str, Any]) -> str:
    lines = plan["pretrain_lines"]
    read = f", the body pretrained on up to {lines} lines of plain text a language" if lines else ""
    return _OPENING.format(pretraining=read)


def _peers(found: dict[str, Any]) -> Iterable[str]:
    yield "On dev tables, one core, one run; texts a second are of this machine and tell only the order of size.\n"
    yield "| set | tool | n | macro-F1 | macro recall | accuracy | texts/s |"
    yield "|---|---|---|---|---|---|---|"
    for one in found["standings"]:
        yield (
            f"| {one['table']} | {one['peer']} | {one['n']} | {one['macro_f1']:.3f} | {one['macro_recall']:.3f} "
            f"| {one['accuracy']:.3f} | {one['texts_per_second']:.0f} |"
        )
    if found["missing"]:
        yield f"\nNot installed where this was made: {', '.join(found['missing'])}."
    yield ""


def _read(shop: Workshop, name: str) -> Any:
    return json.loads(shop.file(name).read_text(encoding="utf-8"))


def _tuned(shop: Workshop) -> str:
    rounds = _read(shop, "tuning.json")
    lines = [
        f"Round {number}: "
        + "; ".join(map(_member, members))
        + (f"; the mean of these {len(members)}." if len(members) > 1 else ".")
        for number, members in enumerate(rounds, 1)
    ]
    return "Each round of tuning starts from the weights of the one before.\n\n" + "\n".join(lines) + "\n"


def _member(one: dict[str, Any]) -> str:
    if "round" in one:
        return f"the weights of round {one['round']}"
    return f"{one['steps']} of {one['of_steps']} steps in {one['minutes']} minutes"


def _sources(shop: Workshop) -> Iterable[str]:
    counts: Counter[str] = Counter()
    for row in shop.rows:
        counts.update({name for _, name in row.labels.values()})
    yield f"{len(shop.rows)} texts, each once, with the labels of every set that holds it.\n"
    for licence, title in (
        ("own", "the project's own"),
        ("permissive", "sets with a stated permissive licence"),
        (
            "published",
            "sets published by their authors for training classifiers, no licence stated (`--permissive-only` leaves them out)",
        ),
    ):
        yield f"\n**{title}**\n"
        for chosen in SETS:
            if chosen.licence == licence and counts[chosen.name]:
                yield (
                    f"- {chosen.name}: {counts[chosen.name]} texts, weight {chosen.weight}, read {chosen.share} times an "
                    f"epoch; {chosen.terms}"
                )
    yield "\nParallel text for the Russian pieces: SMARTool (CC BY 4.0), Russian MultiWOZ (MIT), ru-goemotions (MIT),"
    yield "interface texts of free projects (BSD, MIT, Apache-2.0), Microsoft documentation (CC BY 4.0).\n"


def _readings() -> Iterable[str]:
    """How far two readings of the same texts agree."""
    first = {record["hash"]: record for record in read_table(LABELLED)}
    second = [record for record in read_table(SECOND_READING) if record["hash"] in first]
    yield f"{_GUIDED}\n{len(second)} of the {len(first)} labelled texts were read twice:\n"
    yield "| head | same label | Cohen's kappa | quadratic-weighted kappa |"
    yield "|---|---|---|---|"
    for head in ("sentiment", "kind", "urgency"):
        pairs = [(first[record["hash"]][head], record[head]) for record in second]
        ones, others = [one for one, _ in pairs], [other for _, other in pairs]
        ordered = f"{weighted_kappa(ones, others, HEADS[head]):.3f}" if head == "urgency" else ""
        same = sum(one == other for one, other in pairs) / len(pairs)
        yield f"| {head} | {same:.3f} | {_kappa(pairs):.3f} | {ordered} |"
    yield ""


def _kappa(pairs: list[tuple[str, str]]) -> float:
    same = sum(one == other for one, other in pairs) / len(pairs)
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(ones[label] * others[label] for label in ones) / len(pairs) ** 2
    return (same - chance) / (1 - chance) if chance < 1 else 1.0


def _scores(table: Table) -> Iterable[str]:
    yield "| set | task | n | model macro-F1 | baseline | gain | model macro recall | accuracy | more |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, each in table.items():
        ours, theirs = each["judge"], each["baseline"]
        gain = 100 * (ours["macro_f1"] - theirs["macro_f1"])
        yield (
            f"| {name} | {ours['task']} | {ours['n']} | {ours['macro_f1']:.3f} | {theirs['macro_f1']:.3f} | {gain:+.1f} "
            f"| {ours['macro_recall']:.3f} | {ours['accuracy']:.3f} | {_more(ours)} |"
        )
    yield ""


def _more(scores: dict[str, Any]) -> str:
    titles = {
        "f_pos_neg": "F+-",
        "weighted_kappa": "weighted kappa",
        "urgent_recall": "critical+high recall",
        "urgent_precision": "at precision",
    }
    return ", ".join(f"{title} {scores[key]:.3f}" for key, title in titles.items() if key in scores)


def _beliefs(found: Beliefs) -> Iterable[str]:
    shares = " | ".join(f"accuracy at {float(share):.0%}" for share in COVERAGES)
    yield f"| head / language | n | ECE | {shares} | needs a look (any head) |"
    yield "|---|---|---|" + "---|" * (len(COVERAGES) + 1)
    for name, row in found.items():
        at = " | ".join(f"{row['coverage'][str(share)]:.3f}" for share in COVERAGES)
        yield f"| {name} | {row['n']} | {row['ece']:.3f} | {at} | {row['needs_look']:.3f} |"
    yield "\nReliability: of the verdicts with such a probability, how many there are and which share is right.\n"
    bins = [f"{number / 10:.1f}-{(number + 1) / 10:.1f}" for number in range(2, 10)]
    yield f"| head / language | {' | '.join(bins)} |"
    yield "|---|" + "---|" * len(bins)
    for name, row in found.items():
        cells = (row["curve"].get(part) for part in bins)
        yield f"| {name} | {' | '.join(f'{cell[2]:.2f} ({cell[0]})' if cell else '' for cell in cells)} |"
    yield ""


def _quantized(checks: dict[str, Any]) -> Iterable[str]:
    for head, share in checks["quantization"].items():
        yield f"- {head}: the same answer for {share:.2%} of dev texts"
    losses = {
        name: 100 * (each["fp32"]["macro_f1"] - each["judge"]["macro_f1"])
        for name, each in checks["dev"].items()
    }
    mean = sum(losses.values()) / max(1, len(losses))
    yield f"- macro-F1 lost by int8, mean over the {len(losses)} dev tables: {mean:+.2f} points"
    yield ""
