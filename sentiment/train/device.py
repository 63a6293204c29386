"""Where the weights are learned: on the GPU where torch sees one, else on the processor. Files hold processor tensors."""

from pathlib import Path
from typing import Any

import torch

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def halved() -> torch.autocast:
    """Products in bfloat16; sums, norms and weights stay in float32."""
    return torch.autocast(DEVICE.type, torch.bfloat16)


def load(path: Path) -> Any:
    """What `torch.save` left there, on the processor, whichever machine made it; optimizers and modules move it on."""
    return torch.load(path, weights_only=True, map_location="cpu")
