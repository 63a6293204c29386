"""Step 3: starting vectors of the new pieces, from the English pieces they stand beside in parallel text."""

import unicodedata
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_matrix, diags
from tokenizers import Tokenizer

from sentiment.train import minilm
from sentiment.train.corpus import read_pairs
from sentiment.train.encoder import Encoder
from sentiment.train.plan import Plan

# Of how many English pieces the start of a Russian one is mixed at most; the rest of its row is noise.
_NEIGHBOURS = 40
_SMOOTHING = 3.0
_SHARPNESS = 1.5


def transplant(data: Path, bilingual: Tokenizer, plan: Plan) -> Encoder:
    """MiniLM's encoder with the bilingual vocabulary: old pieces keep their vectors, new ones begin near their kin."""
    if plan.random_body:
        return Encoder(plan, bilingual.get_vocab_size())
    english = minilm.load_encoder(plan)
    old_vectors = english.words.weight.detach().numpy()
    old_ids = minilm.tokenizer().get_vocab()
    new_ids = bilingual.get_vocab()
    vectors = np.random.default_rng(plan.seed).normal(0, 0.02, (len(new_ids), plan.width)).astype(np.float32)
    vectors += old_vectors.mean(0)
    for piece, number in new_ids.items():
        if piece in old_ids:
            vectors[number] = old_vectors[old_ids[piece]]
        elif len(piece) == 1 and unicodedata.category(piece) == "So":
            vectors[number] = _by_name(piece, old_vectors, old_ids)
    order = sorted(new_ids, key=new_ids.__getitem__)
    known = np.array([piece in old_ids for piece in order])
    is_cyrillic = np.array(["\u0400" <= piece[-1] <= "\u04ff" for piece in order])
    _start_by_company(vectors, known, is_cyrillic, data, bilingual, plan)
    encoder = Encoder(plan, len(new_ids))
    encoder.load_state_dict(english.state_dict() | {"words.weight": torch.from_numpy(vectors)})
    return encoder


def _by_name(emoji: str, vectors: npt.NDArray[np.float32], ids: dict[str, int]) -> npt.NDArray[np.float32]:
    """An emoji begins as the mean of the words of its Unicode name ("smiling face with heart-shaped eyes")."""
    words = unicodedata.name(emoji, "symbol").lower().replace("-", " ").split()
    found = [vectors[ids[word]] for word in words if word in ids and word not in ("with", "face", "sign")]
    return np.asarray(np.mean(found or vectors, axis=0), dtype=np.float32)


def _start_by_company(
    vectors: npt.NDArray[np.float32],
    known: npt.NDArray[np.bool_],
    wanted: npt.NDArray[np.bool_],
    data: Path,
    bilingual: Tokenizer,
    plan: Plan,
) -> None:
    """Weights (c / (n_ru + 3) * c / (n_en + 3)) ** 1.5, where c counts the pairs that hold both pieces."""
    pairs = read_pairs(data, plan, is_whole=True)
    if not pairs:
        return
    sides = [_presence([pair[side] for pair in pairs], bilingual) for side in (0, 1)]
    english = sides[0] @ diags(known.astype(np.float32))
    russian = sides[1] @ diags(wanted.astype(np.float32))
    together = (russian.T @ english).tocsr()
    ru_counts = np.asarray(russian.sum(0)).ravel() + _SMOOTHING
    en_counts = np.asarray(english.sum(0)).ravel() + _SMOOTHING
    for number in np.flatnonzero(np.diff(together.indptr)):
        row = slice(together.indptr[number], together.indptr[number + 1])
        columns, count = together.indices[row], together.data[row]
        weights = (count / ru_counts[number] * count / en_counts[columns]) ** _SHARPNESS
        best = np.argsort(weights)[-_NEIGHBOURS:]
        vectors[number] = weights[best] @ vectors[columns[best]] / weights[best].sum()


def _presence(texts: list[str], tokenizer: Tokenizer) -> csr_matrix:
    """Rows are texts, columns pieces, 1 where the text holds the piece."""
    lists = [sorted(set(found.ids)) for found in tokenizer.encode_batch(texts, add_special_tokens=False)]
    starts = np.cumsum([0, *map(len, lists)])
    columns = np.fromiter((piece for ids in lists for piece in ids), dtype=np.int32)
    shape = (len(texts), tokenizer.get_vocab_size())
    return csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=shape)
