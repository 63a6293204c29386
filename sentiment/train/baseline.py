"""Step 10: TF-IDF with logistic regression, trained on the rows that tell the judge one label of ours: what it must beat."""

import pickle
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from sentiment.contract import HEADS, Label, Verdict
from sentiment.text import clean
from sentiment.train.rows import Row
from sentiment.train.sets import SETS, slot_of
from sentiment.train.tune import weigh_classes
from sentiment.train.workshop import Workshop

_STRENGTH = 4.0
_WEIGHTS = {chosen.name: chosen.weight for chosen in SETS}
# The judge reads a row so often an epoch; a linear model sees it once, so the row weighs as much more.
_SHARES = {chosen.name: chosen.share for chosen in SETS}


@dataclass
class Baseline:
    """Keeps the protocol of a backend, so that the same measure serves both."""

    features: FeatureUnion
    models: dict[str, LogisticRegression]
    name: str = "tfidf"
    revision: str = "baseline"

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        table = self.features.transform(list(map(clean, texts)))
        chances = {head: model.predict_proba(table) for head, model in self.models.items()}
        return [self._verdict(chances, at) for at in range(len(texts))]

    def _verdict(self, chances: dict[str, np.ndarray], at: int) -> Verdict:
        labels = {head: Label(labels[0], 0.0) for head, labels in HEADS.items()} | {
            head: Label(str(model.classes_[chances[head][at].argmax()]), float(chances[head][at].max()))
            for head, model in self.models.items()
        }
        language = Label("und", 1.0)
        return Verdict(
            language=language, needs_look=False, backend=self.name, revision=self.revision, **labels
        )


def train_baseline(shop: Workshop) -> None:
    rows = shop.rows
    features = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, dtype=np.float32)),
            ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=5, sublinear_tf=True,
                                        max_features=300_000, dtype=np.float32)),
        ]
    )  # fmt: skip
    table = features.fit_transform([row.text for row in rows])
    weights = weigh_classes(rows, Counter(range(len(rows))), shop.plan.balance)
    models = {}
    for head in HEADS:
        chosen = [at for at, row in enumerate(rows) if _teaches(row, head)]
        labels = [rows[at].labels[head][0][0] for at in chosen]
        if len(set(labels)) > 1:
            model = LogisticRegression(C=_STRENGTH, max_iter=60, tol=1e-3, random_state=shop.plan.seed)
            weighed = [_weight(rows[at], head, weights) for at in chosen]
            models[head] = model.fit(table[chosen], labels, sample_weight=weighed)
        shop.watch.note(head)
    with shop.file("baseline.part").open("wb") as out:
        pickle.dump(Baseline(features, models), out)
    shop.file("baseline.part").replace(shop.file("baseline.pickle"))


def _teaches(row: Row, head: str) -> bool:
    """One certain label, by a set that means what the shipped head means: a linear model has no slots."""
    if head not in row.labels or len(row.labels[head][0]) != 1:
        return False
    return head == "sentiment" or slot_of(row.labels[head][1], head) == 0


def _weight(row: Row, head: str, weights: dict[tuple[str, int, tuple[str, ...]], float]) -> float:
    allowed, name = row.labels[head]
    return _WEIGHTS[name] * _SHARES[name] * weights[head, slot_of(name, head), allowed]
