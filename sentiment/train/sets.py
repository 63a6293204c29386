"""The public sets that may train the weights: weight, licence group and how their labels become ours."""

from dataclasses import dataclass
from typing import Literal

Licence = Literal["permissive", "published"]


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """`weight` multiplies the loss of a row; weak and foreign sets weigh less, so that they inform but do not lead.

    `share` of the rows is drawn anew for each epoch: the large English sets would else take most of the time.
    """

    name: str
    weight: float
    licence: Licence
    terms: str
    rows: int = 60_000
    share: float = 1.0


SETS: tuple[TrainingSet, ...] = (
    TrainingSet("en_semeval_2013_2016", 1.0, "permissive", "CC BY 3.0 (SemEval 2013-2017 task organisers)", share=0.35),
    TrainingSet("en_goemotions", 0.6, "permissive", "Apache-2.0 (Google Research)", share=0.25),
    TrainingSet("ru_cedr", 1.0, "permissive", "Apache-2.0 (sagteam)"),
    TrainingSet("ru_goemotions_mt", 0.6, "permissive", "MIT, after GoEmotions (Apache-2.0)", share=0.5),
    TrainingSet("ru_banki_domrf", 1.0, "permissive", "MIT"),
    TrainingSet("en_nlupp_kind", 0.7, "permissive", "CC BY 4.0 (PolyAI)"),
    TrainingSet("en_banking77_kind_weak", 0.4, "permissive", "CC BY 4.0 (PolyAI)", share=0.25),
    TrainingSet("en_clinc_kind_weak", 0.3, "permissive", "CC BY 3.0 (CLINC)", 8_000, share=0.2),
    TrainingSet("en_goemotions_kind_weak", 0.25, "permissive", "Apache-2.0 (Google Research)", share=0.25),
    TrainingSet("ru_goemotions_kind_weak", 0.25, "permissive", "MIT, after GoEmotions (Apache-2.0)", share=0.5),
    TrainingSet("ru_koziev_question", 0.3, "permissive", "CC0 1.0", 8_000, share=0.2),
    TrainingSet("en_banking77_urgency_weak", 0.3, "permissive", "CC BY 4.0 (PolyAI)", share=0.25),
    TrainingSet("en_clinc_urgency_weak", 0.2, "permissive", "CC BY 3.0 (CLINC)", 8_000, share=0.2),
    TrainingSet("en_nlupp_urgency_weak", 0.4, "permissive", "CC BY 4.0 (PolyAI)"),
    TrainingSet("en_crisislext26_urgency", 0.1, "permissive", "MIT", 3_000, share=0.2),
    TrainingSet("ru_rusentitweet", 1.5, "published", "no licence stated by the authors (PeerJ CS 8:e1039)"),
    TrainingSet("ru_sentirueval_banks", 1.0, "published", "no licence stated by the authors (SentiRuEval)"),
    TrainingSet("ru_sentirueval_telecom", 1.0, "published", "no licence stated by the authors (SentiRuEval)"),
    TrainingSet("ru_sentirueval2015_reviews", 1.0, "published", "no licence stated by the authors (SentiRuEval)"),
    TrainingSet("en_complaints_acl19", 1.0, "published", "no licence stated by the authors (ACL 2019)"),
)  # fmt: skip

OWN_WEIGHT = 2.0

# (task, label) -> head -> the labels of ours that it allows. A weak label names several, and the loss asks only
# that the probability lies on them together: the set is not made to say more than it does.
ALLOWED: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("sentiment", "negative"): {"sentiment": ("negative",)},
    ("sentiment", "neutral"): {"sentiment": ("neutral",)},
    ("sentiment", "positive"): {"sentiment": ("positive",)},
    ("rating", "1"): {
        "sentiment": ("negative",), "kind": ("complaint",), "urgency": ("high", "normal", "critical", "low"),
    },
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
}  # fmt: skip
