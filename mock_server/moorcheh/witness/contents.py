"""What an answer about Moorcheh's namespaces and items breaks beside what was stored and deleted in sight."""

from collections.abc import Iterator

from mock_server.moorcheh.witness.asked import Asked
from mock_server.moorcheh.witness.memory import Item, Known, Namespaces
from mock_server.sameness import digest
from mock_server.witness import Passage


def content_breaches(
    asked: Asked, namespaces: Namespaces, known: Known | None, passage: Passage
) -> Iterator[tuple[str, str]]:
    """Says what in an answer of the documented shape is not so; `known` is the namespace asked about."""
    if asked.operation == "listNamespaces":
        yield from _listing(namespaces, passage)
    elif asked.operation == "search":
        yield from _hits(asked, namespaces, passage)
    elif asked.operation == "getItems" and known is not None:
        yield from _items_got(asked, known, passage)
    elif asked.operation == "deleteItems" and known is not None:
        yield from _items_deleted(asked, known, passage)
    elif asked.operation == "fetchTextData" and known is not None:
        for entry in passage.body["items"]:
            if _is_gone(known.item(entry["id"], passage), known):
                yield "items.delete", f"item {entry['id']!r} was deleted, and is in the page"


def _listing(namespaces: Namespaces, passage: Passage) -> Iterator[tuple[str, str]]:
    entries = {entry["namespace_name"]: entry for entry in passage.body["namespaces"]}
    for name, known in namespaces.all_certain(passage):
        entry = entries.get(name)
        if entry is None:
            yield "namespaces.listed", f"namespace {name!r} exists, and is not listed"
            namespaces.forget(name)
            continue
        if (entry["type"], entry["vector_dimension"]) != (known.type, known.dimension):
            yield (
                "namespaces.listed",
                f"namespace {name!r} of type {known.type} and dimension {known.dimension} is listed with "
                f"{entry['type']} and {entry['vector_dimension']}",
            )
        count = known.count(passage)
        if count is not None and entry["item_count"] != count:
            yield (
                "namespaces.item-count",
                f"item_count {entry['item_count']} of namespace {name!r}, which has {count}",
            )


def _items_got(asked: Asked, known: Known, passage: Passage) -> Iterator[tuple[str, str]]:
    found = {item["id"]: item for item in passage.body["items"]}
    for item_id in dict.fromkeys(asked.ids):
        kept = known.item(item_id, passage)
        if kept is None:
            continue
        if item_id not in found and kept.stored:
            clause = "vectors.stored-when-completed" if known.type == "vector" else "items.get"
            yield clause, f"item {item_id!r} is stored, and not found"
        elif item_id in found and not kept.stored:
            clause = "items.delete" if _is_gone(kept, known) else "items.get-missing"
            yield clause, f"item {item_id!r} is not stored, and is found"
        elif item_id in found:
            yield from _metadata(known, kept, item_id, found[item_id]["metadata"])
    for item_id, item in found.items():
        if known.type == "text" and "text" not in item:
            yield "items.get-text", f"item {item_id!r} of a text namespace comes without its text"
        if known.type == "vector" and "vector" in item:
            yield "items.get-no-vector", f"item {item_id!r} of a vector namespace comes with its vector"


def _items_deleted(asked: Asked, known: Known, passage: Passage) -> Iterator[tuple[str, str]]:
    missing = set(passage.body["not_found_ids"])
    for item_id in dict.fromkeys(asked.ids):
        kept = known.item(item_id, passage)
        if kept is not None and kept.stored is (item_id in missing):
            state = "is stored, and is" if kept.stored else "is not stored, and is not"
            yield "items.delete", f"item {item_id!r} {state} among not_found_ids"


def _hits(asked: Asked, namespaces: Namespaces, passage: Passage) -> Iterator[tuple[str, str]]:
    names = asked.document.get("namespaces", [])
    for hit in passage.body["results"]:
        name = hit.get("namespace", names[0] if len(names) == 1 else None)
        known = namespaces.find(name, passage) if isinstance(name, str) else None
        kept = None if known is None else known.item(hit["id"], passage)
        if known is None or kept is None:
            continue
        if _is_gone(kept, known):
            yield "search.deleted", f"item {hit['id']!r} was deleted, and is a hit"
        elif kept.stored:
            yield from _metadata(known, kept, hit["id"], hit["metadata"])


def _metadata(known: Known, kept: Item, item_id: str, metadata: object) -> Iterator[tuple[str, str]]:
    if known.type == "vector" and kept.digest is not None and digest(metadata) != kept.digest:
        yield "vectors.metadata", f"the metadata of item {item_id!r} is not what was sent"


def _is_gone(item: Item | None, known: Known) -> bool:
    """Tells whether an id was deleted, and not merely never sent."""
    return item is not None and item.stored is False and item.since > known.since
