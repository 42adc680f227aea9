"""A careful client that chooses otherwise wherever the contract leaves a choice: that is no fault."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from tests.careless.fault import is_object
from tests.careless.shared_faults import with_error
from tests.careless.ways import Failed, Ways, encoded, refused

FEW = 3


def otherwise(ways: Ways) -> Ways:
    """The same care, by other choices."""
    return replace(
        ways,
        path=_all_escaped,
        query=lambda pairs: urlencode(sorted(pairs)),
        content_type="Application/JSON; charset=utf-8",
        authorization=lambda key: f"bearer {key}",
        scope=lambda name: name or "",
        encode=_pretty,
        told=lambda _operation, answer: (
            {**answer, "client": "more of its own"} if is_object(answer) else answer
        ),
        refused=_as_text,
        batches=_few,
        again=lambda body: dict(reversed(body.items())),
        look_pause=0.2,
        method_and_path=lambda _operation, method, path: (method, _respelled(path)),
    )


def _all_escaped(name: str) -> str:
    return "".join(f"%{octet:02x}" for octet in name.encode("utf-8"))


def _pretty(body: Any) -> bytes:
    """Escapes and blanks, and keys in another order; checked for NaN as ever."""
    return json.dumps(json.loads(encoded(body)), ensure_ascii=True, indent=1, sort_keys=True).encode("ascii")


def _as_text(operation: str, status: int, text: bytes) -> Failed:
    """The body as its text, and no word for a full quota."""
    return with_error(refused(operation, status, text), body=text.decode("utf-8", "replace"), quota=None)


def _few(items: Sequence[Any]) -> Sequence[Sequence[Any]]:
    size = FEW if len(items) < 100 else 1_000
    return [items[start : start + size] for start in range(0, len(items), size)]


def _respelled(path: str) -> str:
    """Other names of Cortex's paths."""
    if path == "/embeddings/retrieve_by_ids":
        return "/embeddings/by-chunk-ids"
    folder, _, name = path.rpartition("/")
    if folder in ("/upload", "/embeddings", "/ingestion", "/tenant", "/tenants"):
        return f"{folder}/{name.replace('_', '-') if '_' in name else name.replace('-', '_')}"
    return path
