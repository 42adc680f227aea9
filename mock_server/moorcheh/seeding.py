"""Seeding: fills a namespace with items, the same ones every time."""

from collections.abc import Iterator

from mock_server.moorcheh.rules import NAME
from mock_server.moorcheh.store import Batch, Namespace, Store
from mock_server.refusal import Refused
from mock_server.rules import Document
from mock_server.seeding import BLOCK, FULL, MOST_ITEMS, MOST_NUMBERS, REQUEST, blocks, integer, known, text
from mock_server.session import World

TYPES = ("vector", "text")
USUAL_DIMENSION = 4
TEXTS = 100  # different ones: to embed a text takes much longer than to store it
WORDS = ("river", "stone", "lamp", "orchard", "winter", "copper", "signal", "harbour", "feather", "engine")


def fill(world: World, asked: Document) -> None:
    """Stores `items` items under the ids prefix0, prefix1 and so on; known ids are replaced."""
    known(asked, "namespace", "type", "dimension", "items", "prefix")
    name, prefix = text(asked, "namespace"), text(asked, "prefix", "seed-")
    kind = text(asked, "type", "vector")
    if kind not in TYPES:
        raise Refused(REQUEST, f"type: expected {' or '.join(TYPES)}, got {kind!r}")
    if not NAME.fullmatch(name):
        raise Refused(REQUEST, f"namespace: {name!r} is no name of letters, digits, - and _")
    items = integer(asked, "items", MOST_ITEMS)
    namespace = _namespace(world, asked, name, kind)
    store = world.part(Store)
    new = sum(f"{prefix}{place}" not in namespace.items for place in range(items))
    room = world.settings.max_items - store.committed
    if new > room:
        raise Refused(FULL, f"items: there is room for {max(0, room)} new ones, not for {new}")
    store.namespaces[name] = namespace
    number = next(store.upload_numbers)
    for batch in _vectors(namespace, items, prefix) if kind == "vector" else _texts(namespace, items, prefix):
        batch.accepted_at = world.clock.now()
        namespace.promise(batch, number)
        namespace.keep(batch, number, 0, len(batch.ids))


def _namespace(world: World, asked: Document, name: str, kind: str) -> Namespace:
    """Answers the namespace to fill: the one of this name, or a new one that is not yet listed."""
    store = world.part(Store)
    namespace = store.namespaces.get(name)
    usual = (namespace and namespace.dimension) or USUAL_DIMENSION
    dimension = integer(asked, "dimension", MOST_NUMBERS, usual) if kind == "vector" else None
    if namespace is None:
        return Namespace(name, dimension, world.clock.now(), store.ages, store.embedder)
    if namespace.deletion is not None:
        raise Refused(REQUEST, f"namespace: {name!r} is being deleted")
    if namespace.dimension != dimension:
        held = "texts" if namespace.dimension is None else f"vectors of dimension {namespace.dimension}"
        raise Refused(REQUEST, f"namespace: {name!r} holds {held}")
    return namespace


def _vectors(namespace: Namespace, items: int, prefix: str) -> Iterator[Batch]:
    for first, rows in blocks(items, namespace.vectors.dimension):
        places = range(first, first + len(rows))
        yield Batch(_ids(prefix, places), [{"seed": place} for place in places], rows)


def _texts(namespace: Namespace, items: int, prefix: str) -> Iterator[Batch]:
    count = min(TEXTS, items)
    texts = [f"{WORDS[place % 10]} {WORDS[place // 10]} of seed {place}" for place in range(count)]
    embedded, faults = namespace.embed(texts)
    for first in range(0, items, BLOCK):
        places = range(first, min(first + BLOCK, items))
        rows = [place % count for place in places]
        failing = {row: faults[text] for row, text in enumerate(rows) if text in faults}
        yield Batch(
            _ids(prefix, places),
            [{"seed": place} for place in places],
            embedded[rows],
            [texts[row] for row in rows],
            failing,
        )


def _ids(prefix: str, places: range) -> list[str]:
    return [f"{prefix}{place}" for place in places]
