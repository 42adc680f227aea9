"""The texts of a namespace, page by page, oldest first."""

import base64
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.clock import timestamp
from mock_server.moorcheh import rules
from mock_server.moorcheh.store import Item, Namespace, Store
from mock_server.refusal import Refused
from mock_server.rules import judge
from mock_server.service import Answer, Call
from mock_server.session import World

LIMIT = 100
"""The most items of a page, and how many it has unless a limit is asked for."""
MOST_DIGITS = 1_000


def fetch_text_data(world: World, call: Call) -> Answer:
    """Answers a page; the token of the next one says after which age it goes on."""
    began = time.perf_counter()
    namespace = world.part(Store).find(call.parameters["namespace"], "moorcheh.items.unknown-namespace")
    judge(rules.FETCH_TARGET, namespace)
    judge(rules.PAGE, call.query)
    limit = _limit(call.query)
    found = namespace.vectors.by_age(_after(namespace, call.query), limit + 1)
    page = [(item_id, namespace.items[item_id]) for item_id, _ in found[:limit]]
    more = len(found) > limit
    return Answer(
        200,
        {
            "status": "success",
            "message": f"Fetched {len(page)} items of namespace '{namespace.name}'.",
            "namespace": namespace.name,
            "statistics": _statistics([item for _, item in page]),
            "items": [_body(item_id, item) for item_id, item in page],
            "pagination": {
                "limit": limit,
                "has_more": more,
                "next_token": _token(namespace, found[limit - 1][1]) if more else None,
            },
            "execution_time": round(time.perf_counter() - began, 6),
        },
    )


def _body(item_id: str, item: Item) -> Mapping[str, Any]:
    return {
        "id": item_id,
        "text": item.text or "",
        "metadata": item.metadata,
        "created_at": timestamp(item.created_at),
        "is_summary": item.is_summary,
    }


def _statistics(items: Sequence[Item]) -> Mapping[str, Any]:
    moments = [item.created_at for item in items]
    sources = Counter(source for item in items if isinstance(source := item.metadata.get("source"), str))
    summaries = sum(item.is_summary for item in items)
    return {
        "total_items": len(items),
        "total_text_chunks": len(items) - summaries,
        "total_summary_chunks": summaries,
        "created_at_min": timestamp(min(moments)) if moments else None,
        "created_at_max": timestamp(max(moments)) if moments else None,
        "source_counts": sources,
    }


def _limit(query: Mapping[str, Sequence[str]]) -> int:
    asked = query.get("limit", [""])[-1]
    if not rules.DIGITS.fullmatch(asked):
        return LIMIT
    # Python reads no number of thousands of digits.
    return max(1, min(int(asked), LIMIT)) if len(asked) < MOST_DIGITS else LIMIT


def _token(namespace: Namespace, age: int) -> str:
    return base64.urlsafe_b64encode(f"{namespace.name}/{age}".encode()).decode().rstrip("=")


def _after(namespace: Namespace, query: Mapping[str, Sequence[str]]) -> int:
    tokens = query.get("next_token")
    if tokens is None:
        return -1
    try:
        padding = "=" * (-len(tokens[-1]) % 4)
        text = base64.b64decode(tokens[-1] + padding, b"-_", validate=True).decode("ascii")
    except ValueError:
        text = ""
    name, _, age = text.rpartition("/")
    if name != namespace.name or not rules.DIGITS.fullmatch(age) or len(age) > MOST_DIGITS:
        raise Refused("moorcheh.fetch.pages", f"next_token: not one of namespace {namespace.name!r}")
    return int(age)
