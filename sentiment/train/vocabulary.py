"""Step 2: one WordPiece vocabulary for both languages: MiniLM's pieces that are in use, emoji, and Russian pieces."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from sentiment.train import minilm
from sentiment.train.corpus import read_language
from sentiment.train.plan import Plan
from sentiment.train.rows import Row

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_CYRILLIC = re.compile(r"[а-яёіїєґў]+")


def build_tokenizer(data: Path, rows: list[Row], plan: Plan) -> Tokenizer:
    english: Counter[str] = Counter()
    emoji: Counter[str] = Counter()
    original = minilm.tokenizer()
    for batch in _batches(
        [*read_language(data, "en", plan), *(row.text for row in rows if row.lang == "en")]
    ):
        for encoding in original.encode_batch(batch, add_special_tokens=False):
            english.update(encoding.tokens)
    russian = [*read_language(data, "ru", plan), *(row.text for row in rows if row.lang == "ru")]
    for text in (*russian, *(row.text for row in rows)):
        if not text.isascii():
            emoji.update(char for char in text if unicodedata.category(char) == "So")
    pieces = [
        *SPECIALS,
        *_kept_english(english, original, plan),
        *(char for char, _ in emoji.most_common(plan.emoji)),
    ]
    pieces += _learn_russian(russian, plan)
    return assemble({piece: number for number, piece in enumerate(dict.fromkeys(pieces))})


def assemble(vocabulary: dict[str, int]) -> Tokenizer:
    """The tokenizer of a vocabulary; text.clean() comes before it, so it only splits."""
    made = Tokenizer(models.WordPiece(vocabulary, unk_token=SPECIALS[1], max_input_chars_per_word=64))
    made.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=True
    )
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.add_special_tokens(list(SPECIALS))
    return made


def _batches(texts: list[str], size: int = 5_000) -> Iterable[list[str]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))


def _kept_english(counts: Counter[str], original: Tokenizer, plan: Plan) -> list[str]:
    """Every single letter (so that any word can be spelled) and the most used pieces, in MiniLM's order."""
    order = original.get_vocab()
    letters = {piece for piece in order if len(piece.removeprefix("##")) == 1 and piece.isascii()}
    common = (piece for piece, _ in counts.most_common() if piece in order and piece not in SPECIALS)
    kept = letters | {piece for piece, _ in zip(common, range(plan.english_pieces), strict=False)}
    return sorted(kept, key=lambda piece: order[piece])


def _learn_russian(texts: Iterable[str], plan: Plan) -> list[str]:
    learned = Tokenizer(models.WordPiece(unk_token=SPECIALS[1]))
    learned.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordPieceTrainer(
        vocab_size=plan.russian_pieces, min_frequency=3, show_progress=False, special_tokens=["[UNK]"]
    )
    learned.train_from_iterator((" ".join(_CYRILLIC.findall(text)) for text in texts), trainer)
    vocabulary = learned.get_vocab()
    return sorted(
        (piece for piece in vocabulary if piece not in SPECIALS), key=lambda piece: vocabulary[piece]
    )
