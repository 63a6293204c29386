"""Step 7: the graph in int8 (and in fp32, for checks only), with the tokenizer beside it."""

import onnx

from sentiment.train.graph import build
from sentiment.train.workshop import Workshop


def export_graphs(shop: Workshop) -> None:
    judge = shop.judge("judge.pt")
    onnx.save(build(judge, shop.plan, is_quantized=False), shop.file("fp32.onnx"))
    shop.tokenizer.save(str(shop.model / "tokenizer.json"), pretty=False)
    part = shop.model / "model.part"
    onnx.save(build(judge, shop.plan, is_quantized=True), part)
    part.replace(shop.model / "model.onnx")
