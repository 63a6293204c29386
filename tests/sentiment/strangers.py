"""Small models of other people, built on the spot: each knows a few words, and what it answers can be told beforehand."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

THREE = ("negative", "neutral", "positive")
MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
BAD = ("ужасно", "плохо", "awful")
GOOD = ("отлично", "спасибо", "great")
PLAIN = ("а", "заказ", "и", "the", "order", "http", "@", "user", "!")
VOCABULARY = (*MARKS, *BAD, *GOOD, *PLAIN)
PLACES = 64


def write_tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer(
        models.WordLevel({word: place for place, word in enumerate(VOCABULARY)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(list(MARKS))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", VOCABULARY.index("[CLS]")), ("[SEP]", VOCABULARY.index("[SEP]"))],
    )
    # As many exports come: what is longer than a few tokens would be cut, and short texts filled up.
    tokenizer.enable_truncation(16)
    tokenizer.enable_padding(length=16)
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


def write_config(folder: Path, labels: Sequence[str], **more: object) -> None:
    config = {
        "model_type": "bert",
        "id2label": {str(place): label for place, label in enumerate(labels)},
        "max_position_embeddings": PLACES,
        "pad_token_id": 0,
        **more,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def weights(labels: Sequence[str]) -> np.ndarray:
    """Words that speak for the first label that is called so, by 2 each, on a table of words by labels."""
    table = np.zeros((len(VOCABULARY), len(labels)), dtype=np.float32)
    lowered = [label.lower() for label in labels]
    for words, names in (
        (BAD, ("negative", "neg", "label_0", "1 star")),
        (GOOD, ("positive", "pos", "label_2", "5 stars")),
    ):
        place = next(number for number, label in enumerate(lowered) if label in names)
        for word in words:
            table[VOCABULARY.index(word), place] = 2.0
    return table


def write_onnx(
    folder: Path,
    labels: Sequence[str],
    inputs: Sequence[str],
    answers: int | None = None,
    *,
    is_by_word: bool = False,
) -> None:
    """Logits are the sum of what its words weigh. A window longer than PLACES breaks it, as it breaks a real one.

    `is_by_word`: it answers for each token, as a model that tags words does.
    """
    table = weights(labels)[:, :answers]
    constants = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.zeros((PLACES, table.shape[1]), dtype=np.float32), "places"),
        numpy_helper.from_array(np.array(0, dtype=np.int64), "zero"),
        numpy_helper.from_array(np.array(1, dtype=np.int64), "one"),
        numpy_helper.from_array(np.array([1], dtype=np.int64), "along"),
        numpy_helper.from_array(np.array([2], dtype=np.int64), "last"),
    ]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("Shape", ["input_ids"], ["shape"]),
        helper.make_node("Gather", ["shape", "one"], ["length"]),
        helper.make_node("Range", ["zero", "length", "one"], ["numbers"]),
        helper.make_node("Gather", ["places", "numbers"], ["placed"]),
        helper.make_node("Add", ["words", "placed"], ["read"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide_mask"]),
        helper.make_node("Mul", ["read", "wide_mask"], ["heard"]),
        helper.make_node("Identity", ["heard"], ["logits"])
        if is_by_word
        else helper.make_node("ReduceSum", ["heard", "along"], ["logits"], keepdims=0),
    ]
    shape = ["batch", *(["length"] if is_by_word else []), table.shape[1]]
    graph = helper.make_graph(
        nodes,
        "stranger",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in inputs],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, folder / "model.onnx")


def make_onnx(folder: Path, labels: Sequence[str] = THREE, *, has_types: bool = True, **more: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_tokenizer(folder)
    write_config(folder, labels, **more)
    write_onnx(folder, labels, ["input_ids", "attention_mask", *(["token_type_ids"] if has_types else [])])
    return folder


def make_torch(
    folder: Path, labels: Sequence[str] = THREE, kind: str = "bert", *, has_head: bool = True
) -> Path:
    """A body of random weights, always the same; BERT or XLM-R."""
    import torch
    import transformers

    torch.manual_seed(5)
    names = dict(enumerate(labels))
    size = {
        "vocab_size": len(VOCABULARY),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    size |= {"intermediate_size": 16, "max_position_embeddings": PLACES, "initializer_range": 0.6}
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=write_tokenizer(_made(folder)),
        **dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), MARKS, strict=True)),
    )
    tokenizer.save_pretrained(folder)
    if kind == "bert":
        config = transformers.BertConfig(**size, id2label=names)
        model = (
            transformers.BertForSequenceClassification(config) if has_head else transformers.BertModel(config)
        )
    else:
        config = transformers.XLMRobertaConfig(**size, id2label=names, pad_token_id=0, type_vocab_size=1)
        model = transformers.XLMRobertaForSequenceClassification(config)
    model.save_pretrained(folder)
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
