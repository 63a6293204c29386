"""A model of other people through torch and transformers: a Hugging Face name, or a folder with its weights.

With sentiment/train the only place that imports torch; must never run code that comes with a model.
"""

import pickle
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging as talk

from sentiment.errors import ModelMissing
from sentiment.foreign import Floats
from sentiment.foreign_config import TOKENIZER_FILES, digest, read_form
from sentiment.model_files import TRIAL, first_line, narrowed

# What transformers raises for a name that nobody has, no network, half a download, weights that do not fit, a
# tokenizer whose library is missing. It has no family of its own.
_REFUSALS = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ImportError,
    RuntimeError,
    EOFError,
    SafetensorError,
    pickle.UnpicklingError,
)


class TorchReader:
    """Raises ModelMissing where it cannot be had or is no classifier, LabelsUnknown for labels nobody explained."""

    def __init__(self, model: str, said: str | None = None) -> None:
        torch.set_num_threads(1)  # texts are shared between threads, not the work on one window
        talk.set_verbosity_error()
        talk.disable_progress_bar()
        self.name = Path(model).resolve().name if Path(model).is_dir() else model
        config, tokenizer, self._model = _fetch(model)
        self.revision = _revision(model, config)
        self._fast = getattr(tokenizer, "backend_tokenizer", None)
        if self._fast is not None:
            self._fast.no_truncation()
            self._fast.no_padding()
            self._fast.encode_special_tokens = True
        self._slow, self._turn = tokenizer, Lock()
        answers = self._count_answers(model)
        self.form = read_form(self.name, config.to_dict(), said, answers, tokenizer.model_max_length)

    def encode(self, text: str, is_framed: bool) -> list[int]:
        if self._fast is not None:
            return list(self._fast.encode(text, add_special_tokens=is_framed).ids)
        # Tokenizers written in Python keep what they work on in themselves.
        with self._turn:
            return list(self._slow.encode(text, add_special_tokens=is_framed, verbose=False))

    def run(self, ids: Sequence[int]) -> Floats:
        window = torch.tensor([list(ids)])
        with torch.inference_mode():
            answer = self._model(input_ids=window, attention_mask=torch.ones_like(window))
        logits: Floats = answer.logits[0].numpy()
        return logits

    def _count_answers(self, model: str) -> int:
        try:
            with narrowed():
                ids = self.encode(TRIAL, is_framed=True)
            if not ids:
                raise ValueError("its tokenizer makes nothing of a letter")
            return len(self.run(ids))
        except _REFUSALS as error:
            raise ModelMissing(f"{model} does not run: {first_line(error)}. Copy the model again.") from error


def _fetch(model: str) -> tuple[Any, Any, Any]:
    try:
        config = AutoConfig.from_pretrained(model, trust_remote_code=False)
        with narrowed():
            tokenizer = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
        loaded, told = AutoModelForSequenceClassification.from_pretrained(
            model, trust_remote_code=False, dtype=torch.float32, output_loading_info=True
        )
    except _REFUSALS as error:
        raise ModelMissing(_sentence(model, error)) from error
    if lacking := sorted(told["missing_keys"]):
        # transformers fills them with random numbers and only warns.
        raise ModelMissing(
            f"{model} is no text classifier: its weights lack {', '.join(lacking[:3])}."
            " Name a model that was trained to tell sentiment."
        )
    return config, tokenizer, loaded.eval()


def _sentence(model: str, error: Exception) -> str:
    said = first_line(error)
    if Path(model).is_dir():
        return f"The model in {model} cannot be loaded: {said}. Copy the folder again, or export it to ONNX."
    return (
        f"{model} is neither a folder here nor a model that can be fetched: {said}. See that the name is right and that"
        f" this machine reaches huggingface.co once, or copy the model's folder here and give its path."
    )


def _revision(model: str, config: Any) -> str:
    if Path(model).is_dir():
        return digest(Path(model), "*.safetensors", "pytorch_model*.bin", *TOKENIZER_FILES)
    return str(getattr(config, "_commit_hash", None) or "unknown")[:12]
