"""Sentences of a text."""

import re

END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？।])\s*|\s*\n\s*")
LONGEST = 300  # characters


def sentences(text: str) -> list[str]:
    """Lists the sentences and lines of a text in order; what is longer than 300 characters is cut off."""
    found = (piece.strip() for piece in END.split(text))
    return [piece if len(piece) <= LONGEST else piece[: LONGEST - 1] + "…" for piece in found if piece]
