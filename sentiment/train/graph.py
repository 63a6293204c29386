"""The served graph, written node by node: int8 products with one scale a column, int8 vectors with one scale a row.

Texts go through it one window at a time. The scale of the activations is taken from what runs together, so two texts
in one run would change each other's verdict; alone, each is judged the same in any company and nothing is padded.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from sentiment.contract import HEADS
from sentiment.train.encoder import Judge, Layer
from sentiment.train.plan import Plan
from sentiment.train.sets import SLOTS

Array = npt.NDArray[np.generic]
_CONTRIB = "com.microsoft"
_EPSILON = 1e-12


class Graph:
    """Nodes and constants as they are written; `is_quantized` chooses int8, else the same graph in fp32 for checks."""

    def __init__(self, plan: Plan, is_quantized: bool) -> None:
        self.plan = plan
        self.is_quantized = is_quantized
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: Array) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(
        self, operator: str, inputs: Iterable[str], output: str, domain: str = "", **settings: Any
    ) -> str:
        self.nodes.append(helper.make_node(operator, list(inputs), [output], domain=domain, **settings))
        return output

    def linear(self, hidden: str, name: str, part: nn.Linear) -> str:
        weight, bias = _array(part.weight).T, self.constant(f"{name}.bias", _array(part.bias))
        if not self.is_quantized:
            product = self.node(
                "MatMul", [hidden, self.constant(f"{name}.weight", weight)], f"{name}.product"
            )
            return self.node("Add", [product, bias], name)
        values, scale = quantize(weight, axis=0)
        inputs = [
            hidden,
            self.constant(f"{name}.weight", values),
            self.constant(f"{name}.scale", scale.ravel()),
        ]
        return self.node("DynamicQuantizeMatMul", [*inputs, "", bias], name, _CONTRIB)

    def gemm(self, hidden: str, name: str, weight: Array, bias: Array) -> str:
        inputs = [hidden, self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)]
        return self.node("Gemm", inputs, name, transB=1)

    def norm(self, hidden: str, name: str, part: nn.LayerNorm, skip: str = "") -> str:
        parts = [
            self.constant(f"{name}.gain", _array(part.weight)),
            self.constant(f"{name}.shift", _array(part.bias)),
        ]
        if skip:
            # Two operators are faster here than the fused one, which onnxruntime runs without vector instructions.
            hidden = self.node("Add", [hidden, skip], f"{name}.sum")
        return self.node("LayerNormalization", [hidden, *parts], name, epsilon=_EPSILON)

    def vectors(self, judge: Judge) -> str:
        table = _array(judge.encoder.words.weight)
        if self.is_quantized:
            values, scale = quantize(table, axis=1)
            whole = self.node("Gather", [self.constant("words", values), "ids"], "words.values")
            whole = self.node("Cast", [whole], "words.floats", to=TensorProto.FLOAT)
            scales = self.node("Gather", [self.constant("words.scale", scale), "ids"], "words.scales")
            return self.node("Mul", [whole, scales], "words.vectors")
        return self.node("Gather", [self.constant("words", table), "ids"], "words.vectors")

    def layer(self, hidden: str, name: str, part: Layer) -> str:
        three = [f"{name}.{side}" for side in ("query", "key", "value")]
        joint = self.linear(hidden, f"{name}.qkv", part.query_key_value)
        self.nodes.append(helper.make_node("Split", [joint], three, axis=-1, num_outputs=3))
        mixed = self.node(
            "MultiHeadAttention", three, f"{name}.mixed", _CONTRIB, num_heads=self.plan.attention_heads
        )
        output = self.linear(mixed, f"{name}.output", part.output)
        hidden = self.norm(output, f"{name}.output_norm", part.output_norm, skip=hidden)
        inner = self.linear(hidden, f"{name}.inner", part.inner)
        inner = self.node("Gelu", [inner], f"{name}.gelu", _CONTRIB)
        outer = self.linear(inner, f"{name}.outer", part.outer)
        return self.norm(outer, f"{name}.outer_norm", part.outer_norm, skip=hidden)


def build(judge: Judge, plan: Plan, is_quantized: bool) -> onnx.ModelProto:
    """Ids (1, length) -> one row of logits a head, and the pooled vector (1, width)."""
    graph = Graph(plan, is_quantized)
    encoder = judge.encoder
    graph.constant("positions", _array(encoder.positions))
    graph.constant("zero", np.array([0]))
    graph.constant("first", np.array([1]))
    length = graph.node("Shape", ["ids"], "length", start=1, end=2)
    places = graph.node("Slice", ["positions", "zero", length, "zero"], "places")
    hidden = graph.node("Add", [graph.vectors(judge), places], "embedded")
    hidden = graph.norm(hidden, "norm", encoder.norm)
    for number, part in enumerate(encoder.layers):
        hidden = graph.layer(hidden, f"layer{number}", part)
    graph.node("ReduceMean", [hidden, "first"], "vector", keepdims=0)
    for head, labels in HEADS.items():
        if head == "sentiment":
            mix_slots(graph, judge, head, len(labels))
        else:
            graph.gemm("vector", head, *first_slot(judge.heads[head], len(labels)))
    return _model(graph)


def first_slot(part: nn.Linear, labels: int) -> tuple[Array, Array]:
    """Weights and bias of the slot that ships; the others only taught the encoder."""
    return _array(part.weight)[:labels], _array(part.bias)[:labels]


def mix_slots(graph: Graph, judge: Judge, head: str, labels: int) -> None:
    """Log of the sum over slots of p(slot | text) * p(label | text, slot): what the slots say, by how far each is asked."""
    part, family = judge.heads[head], judge.family
    slots = len(SLOTS[head])
    graph.constant(f"{head}.shape", np.array([1, slots, labels]))
    graph.constant(f"{head}.gate_shape", np.array([1, slots, 1]))
    said = graph.gemm("vector", f"{head}.slots", _array(part.weight), _array(part.bias))
    said = graph.node("Reshape", [said, f"{head}.shape"], f"{head}.shaped")
    said = graph.node("LogSoftmax", [said], f"{head}.said", axis=2)
    gate = graph.gemm("vector", f"{head}.family", _array(family.weight), _array(family.bias))
    gate = graph.node("LogSoftmax", [gate], f"{head}.log_gate", axis=1)
    gate = graph.node("Reshape", [gate, f"{head}.gate_shape"], f"{head}.gate")
    both = graph.node("Add", [said, gate], f"{head}.both")
    graph.node("ReduceLogSumExp", [both, "first"], head, keepdims=0)


def _model(graph: Graph) -> onnx.ModelProto:
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "length"])
    sizes = {head: len(labels) for head, labels in HEADS.items()} | {"vector": graph.plan.width}
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size]) for name, size in sizes.items()
    ]
    body = helper.make_graph(graph.nodes, "sentiment", [ids], outputs, graph.constants)
    versions = [helper.make_opsetid("", 18), helper.make_opsetid(_CONTRIB, 1)]
    return helper.make_model(body, opset_imports=versions, ir_version=9)


def quantize(
    values: npt.NDArray[np.float32], axis: int
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Symmetric int8 and the scales that undo it; the scale is taken over `axis`, which is kept with length 1."""
    scale = np.maximum(np.abs(values).max(axis=axis, keepdims=True), 1e-8).astype(np.float32) / np.float32(
        127
    )
    return np.clip(np.round(values / scale), -127, 127).astype(np.int8), scale


def _array(tensor: object) -> npt.NDArray[np.float32]:
    return tensor.detach().float().numpy()  # type: ignore[attr-defined,no-any-return]
