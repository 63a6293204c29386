"""[pure] The public sets that may train the weights: weight, licence group and how their labels become ours."""

from dataclasses import dataclass
from typing import Literal

Licence = Literal["permissive", "published", "own"]


# Head -> its slots. Sets that mean different things by one label learn in different slots of a head; the first slot of
# kind, urgency and abuse means what our guide means and is the one that ships, the others only teach the encoder. Of
# sentiment all slots ship: each text is answered by all of them, weighed by how likely it is of their family.
SLOTS: dict[str, tuple[str, ...]] = {
    "sentiment": ("own", "reviews", "tweets_en", "reddit", "posts_ru", "tweets_ru", "brands_ru"),
    "kind": ("own", "reddit", "bank", "assistant", "chat"),
    "urgency": ("own", "bank", "assistant", "disaster"),
    "abuse": ("own", "hate"),
}


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """`weight` multiplies the loss of a row; `slot` names the family of the set, where a head has a slot for it.

    `share` of the rows is drawn anew for each epoch, more than 1 where a small set is read several times: the large
    English sets would else take most of the time.
    """

    name: str
    slot: str
    weight: float
    share: float
    licence: Licence
    terms: str
    rows: int = 60_000


SETS: tuple[TrainingSet, ...] = (
    TrainingSet("en_semeval_2013_2016", "tweets_en", 1.0, 1.0, "permissive", "CC BY 3.0 (SemEval 2013-2017 task organisers)"),
    TrainingSet("en_goemotions", "reddit", 1.0, 0.7, "permissive", "Apache-2.0 (Google Research)"),
    TrainingSet("ru_cedr", "posts_ru", 1.0, 2.0, "permissive", "Apache-2.0 (sagteam)"),
    TrainingSet("ru_goemotions_mt", "reddit", 0.7, 1.0, "permissive", "MIT, after GoEmotions (Apache-2.0)"),
    TrainingSet("ru_banki_domrf", "reviews", 1.0, 1.5, "permissive", "MIT"),
    TrainingSet("en_nlupp_kind", "bank", 0.6, 0.5, "permissive", "CC BY 4.0 (PolyAI)"),
    TrainingSet("en_banking77_kind_weak", "bank", 0.4, 0.25, "permissive", "CC BY 4.0 (PolyAI)"),
    TrainingSet("en_clinc_kind_weak", "assistant", 0.3, 0.1, "permissive", "CC BY 3.0 (CLINC)"),
    TrainingSet("en_goemotions_kind_weak", "reddit", 0.3, 0.7, "permissive", "Apache-2.0 (Google Research)"),
    TrainingSet("ru_goemotions_kind_weak", "reddit", 0.3, 1.0, "permissive", "MIT, after GoEmotions (Apache-2.0)"),
    TrainingSet("ru_koziev_question", "chat", 0.3, 0.15, "permissive", "CC0 1.0", 12_000),
    TrainingSet("en_banking77_urgency_weak", "bank", 0.4, 0.25, "permissive", "CC BY 4.0 (PolyAI)"),
    TrainingSet("en_clinc_urgency_weak", "assistant", 0.2, 0.1, "permissive", "CC BY 3.0 (CLINC)"),
    TrainingSet("en_nlupp_urgency_weak", "bank", 0.4, 0.5, "permissive", "CC BY 4.0 (PolyAI)"),
    TrainingSet("en_crisislext26_urgency", "disaster", 0.2, 0.2, "permissive", "MIT"),
    TrainingSet("ru_vk_toxicity", "own", 1.0, 1.0, "permissive", "MIT"),
    TrainingSet("ru_rusentitweet", "tweets_ru", 1.0, 2.0, "published", "no licence stated by the authors (PeerJ CS 8:e1039)"),
    TrainingSet("ru_sentirueval_banks", "brands_ru", 1.0, 1.5, "published", "no licence stated by the authors (SentiRuEval)"),
    TrainingSet("ru_sentirueval_telecom", "brands_ru", 1.0, 1.5, "published", "no licence stated by the authors (SentiRuEval)"),
    TrainingSet("ru_sentirueval2015_reviews", "reviews", 1.0, 2.0, "published", "no licence stated by the authors (SentiRuEval)"),
    TrainingSet("en_complaints_acl19", "own", 1.0, 1.0, "published", "no licence stated by the authors (ACL 2019)"),
    TrainingSet("en_tweeteval_offensive", "own", 0.6, 0.5, "published", "no licence stated by the authors (OLID)"),
    TrainingSet("en_tweeteval_hate", "hate", 0.3, 0.3, "published", "no licence stated by the authors (HatEval)"),
    # The project's own: written for it, and free texts of the sets above that were labelled for it by the guide.
    TrainingSet("own", "own", 1.5, 2.5, "own", "the project's licence"),
    TrainingSet("own_reviews", "reviews", 1.5, 2.5, "own", "the project's licence"),
    TrainingSet("labelled", "own", 1.5, 2.5, "own", "labels: the project's licence; texts as the sets they are from"),
)  # fmt: skip


# The training set ru_goemotions_mt is a machine translation of the dev part of GoEmotions, and ru_goemotions_kind_weak holds
# texts of its own dev part: neither says anything of texts that the judge has not seen.
SEEN_IN_TRAINING = ("en_goemotions", "ru_goemotions_mt")


def slot_of(name: str, head: str) -> int:
    """The number of the slot in which the set `name` teaches `head`."""
    slot = _SLOT_NAMES[name]
    return SLOTS[head].index(slot) if slot in SLOTS[head] else 0


_SLOT_NAMES = {chosen.name: chosen.slot for chosen in SETS}

# (task, label) -> head -> the labels of ours that it allows. A weak label names several, and the loss asks only
# that the probability lies on them together: the set is not made to say more than it does.
ALLOWED: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("sentiment", "negative"): {"sentiment": ("negative",)},
    ("sentiment", "neutral"): {"sentiment": ("neutral",)},
    ("sentiment", "positive"): {"sentiment": ("positive",)},
    ("rating", "1"): {"sentiment": ("negative",), "kind": ("complaint",)},
    ("rating", "2"): {"sentiment": ("negative",), "kind": ("complaint",)},
    ("rating", "4"): {"sentiment": ("positive",)},
    ("rating", "5"): {"sentiment": ("positive",), "kind": ("praise",), "urgency": ("low",)},
    ("intent", "complaint"): {"kind": ("complaint",)},
    ("intent", "question"): {"kind": ("question",)},
    ("intent", "praise"): {"kind": ("praise",)},
    ("intent", "other"): {"kind": ("other",)},
    ("complaint", "complaint"): {"kind": ("complaint",)},
    ("complaint", "not_complaint"): {"kind": ("other", "question", "praise", "suggestion")},
    # Three levels order the texts of one set only; each covers two of our four.
    ("urgency", "high"): {"urgency": ("critical", "high")},
    ("urgency", "medium"): {"urgency": ("normal", "high")},
    ("urgency", "low"): {"urgency": ("low", "normal")},
    ("toxicity", "ok"): {"abuse": ("ok",)},
    ("toxicity", "toxic"): {"abuse": ("abusive",)},
}  # fmt: skip
