"""Step 8: TF-IDF with logistic regression, trained on the very rows the judge learned from: what it must at least match."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from sentiment.contract import HEADS, Label, Verdict
from sentiment.text import clean
from sentiment.train.rows import Row
from sentiment.train.workshop import Workshop

_STRENGTH = 4.0
# A linear model cannot learn from a set of allowed labels; it gets the one that `evaluate` reads the label as.
_READ_AS = {
    ("critical", "high"): "high",
    ("normal", "high"): "normal",
    ("low", "normal"): "low",
    ("other", "question", "praise", "suggestion"): "other",
}


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
        labels = {
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
    models = {}
    for head in HEADS:
        chosen = [at for at, row in enumerate(rows) if _label(row, head)]
        weights = [rows[at].labels[head][1] for at in chosen]
        model = LogisticRegression(C=_STRENGTH, max_iter=60, tol=1e-3, random_state=shop.plan.seed)
        models[head] = model.fit(
            table[chosen], [_label(rows[at], head) for at in chosen], sample_weight=weights
        )
        shop.watch.note(head)
    with shop.file("baseline.part").open("wb") as out:
        pickle.dump(Baseline(features, models), out)
    shop.file("baseline.part").replace(shop.file("baseline.pickle"))


def _label(row: Row, head: str) -> str | None:
    allowed = row.labels[head][0] if head in row.labels else ()
    return allowed[0] if len(allowed) == 1 else _READ_AS.get(tuple(allowed))
