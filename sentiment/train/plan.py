"""[pure] The size of every training step, in one place; a plan is written beside the results it made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int = 20_26
    # Body: MiniLM's own shape, unless `random_body` asks for a small one from scratch (tests).
    random_body: bool = False
    layers: int = 6
    width: int = 384
    attention_heads: int = 12
    inner: int = 1536
    positions: int = 256
    # Vocabulary
    english_pieces: int = 17_000
    russian_pieces: int = 25_000
    emoji: int = 300
    corpus_lines: int = 200_000
    # Alignment of the Russian pieces, body frozen
    align_pairs: int = 140_000
    # Short sentences teach as much a pair and cost far less.
    align_characters: int = 140
    align_batch: int = 96
    align_length: int = 48
    align_rate: float = 1.5e-3
    # Pretraining on so many lines of plain text of each language: pieces are hidden and guessed; 0 leaves it out
    pretrain_lines: int = 60_000
    pretrain_characters: int = 300
    pretrain_tokens: int = 4096
    pretrain_length: int = 64
    pretrain_rate: float = 2.0e-4
    hidden_share: float = 0.15
    # 0 sets no limit; else pretraining ends after so many minutes, as `tune_minutes` does for tuning.
    pretrain_minutes: float = 0.0
    # Tuning of everything on the tasks
    epochs: float = 2.0
    # 0 sets no limit; else tuning ends after so many minutes, wherever it is, and is not repeatable to the digit.
    tune_minutes: float = 0.0
    # Tunings of which the mean is taken; each takes `epochs` or `tune_minutes`.
    members: int = 1
    # The weights that tuning starts from count as one more member of the mean.
    keeps_start: bool = False
    tokens_a_batch: int = 1536
    tune_length: int = 128
    # A class weighs (share of the largest class / its share) to this power, so that rare classes are found too.
    balance: float = 0.6
    # Weight of telling from which family of texts a row comes.
    family_weight: float = 0.25
    body_rate: float = 1.2e-4
    embedding_rate: float = 3.0e-4
    head_rate: float = 1.0e-3
    dropout: float = 0.1
    # Of the pieces of a text, as it is learned from: no verdict may hang on one word, and small sets last longer.
    blank_share: float = 0.06
    weight_decay: float = 0.01
    checkpoint_seconds: float = 240.0
    rows_a_set: int = 60_000
    own_rows: int = 1_000_000
    # Serving
    window: int = 128


TINY = Plan(
    random_body=True, layers=1, width=32, attention_heads=2, inner=64, english_pieces=400, russian_pieces=400,
    emoji=10, corpus_lines=2_000, own_rows=200, align_pairs=200, align_batch=16,
    pretrain_lines=200, pretrain_tokens=512, epochs=1.0, tokens_a_batch=256,
)  # fmt: skip
QUICK = Plan(align_pairs=3_000, pretrain_lines=2_000, epochs=0.05, corpus_lines=120_000)
