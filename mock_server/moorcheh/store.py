"""Moorcheh's part of a world: namespaces, what is stored in them, and what running uploads have reserved."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from mock_server.arrays import np
from mock_server.clock import timestamp
from mock_server.deferral import Later
from mock_server.embedder import Embedder
from mock_server.jobs import Job
from mock_server.payload import NONE
from mock_server.refusal import Refused
from mock_server.session import World

if TYPE_CHECKING:
    from mock_server.moorcheh.files.catalogue import Catalogue
    from mock_server.vectors import Directions, Vectors
else:
    Catalogue = Later("mock_server.moorcheh.files.catalogue", "Catalogue")
    Vectors = Later("mock_server.vectors", "Vectors")


@dataclass(slots=True)
class Batch:
    """The items of one upload, in order: n ids, n metadata, directions (n, dimension), n texts or None.

    `faults` says by place why an item cannot be stored, `summaries` holds the ids of those that sum up
    others, `accepted_at` is in seconds since 1970. `last` is the place at which each distinct id stands for
    the last time without a fault: there, and only there, it is stored.
    """

    ids: Sequence[str]
    metadata: Sequence[Mapping[str, Any]]
    directions: Directions
    texts: Sequence[str] | None = None
    faults: Mapping[int, str] = field(default_factory=dict)
    summaries: Container[str] = ()
    accepted_at: float = 0.0
    last: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        if self.faults:
            self.last = {item_id: place for place, item_id in enumerate(self.ids) if place not in self.faults}
        else:
            self.last = dict(zip(self.ids, range(len(self.ids)), strict=True))


@dataclass(slots=True)  # made for every item: to freeze it would take as long as the rest of it
class Item:
    """What is stored beside a direction; `upload` is the number of the upload that wrote it.

    The items of an upload that have nothing of their own are one and the same.

    `created_at` is when the upload that first stored its id was accepted, in seconds since 1970.
    """

    metadata: Mapping[str, Any]
    text: str | None
    upload: int
    created_at: float
    is_summary: bool


class Namespace:
    """Items of one type under one name; `dimension` is None for text.

    An id is *pending* from the moment an upload is accepted until the newest upload that holds it has stored
    it. An older upload that comes to the id later leaves it alone: the upload accepted last wins, in whatever
    order they end.
    """

    def __init__(
        self, name: str, dimension: int | None, created_at: float, ages: Iterator[int], embedder: Embedder
    ) -> None:
        self.name = name
        self.dimension = dimension
        self.created_at = created_at
        self.deletion: Job | None = None
        self.uploads: dict[str, Job] = {}
        self.items: dict[str, Item] = {}
        self.embedder = embedder
        self.files = Catalogue()
        self.vectors = Vectors(dimension or embedder.dimension, ages)
        self.reserved = 0
        self._pending: dict[str, int] = {}

    @property
    def type(self) -> str:
        """The word for what is stored: "text", or "vector"."""
        return "text" if self.dimension is None else "vector"

    def embed(self, texts: Sequence[str]) -> tuple[Directions, Mapping[int, str]]:
        """Embeds n texts: directions (n, dimension of the namespace), and by place why a text has none.

        Where vectors are stored, and no texts should come to, they are cut or filled up to their dimension.
        """
        embedded, faults = self.embedder.embed(texts)
        block = np.zeros((len(texts), self.vectors.dimension), np.float32)
        block[:, : embedded.shape[1]] = embedded[:, : block.shape[1]]
        return block, faults

    def new_ids(self, batch: Batch) -> list[str]:
        """Lists the distinct ids of a batch that are neither stored nor pending: those that cost quota.

        Those that cannot be stored count as well: nobody who asks could know that they are free.
        """
        return self._unknown(dict.fromkeys(batch.ids))

    def promise(self, batch: Batch, upload: int) -> None:
        """Reserves room for what can be stored of a batch accepted as the upload of the given number."""
        self.reserved += len(self._unknown(batch.last))
        self._pending.update(dict.fromkeys(batch.last, upload))

    def keep(self, batch: Batch, upload: int, first: int, stop: int) -> list[str]:
        """Stores the items of a promised batch from `first` to before `stop`, and lists their faults."""
        items, pending, ids, last = self.items, self._pending, batch.ids, batch.last
        places = []
        for place in range(first, stop):
            item_id = ids[place]
            if last.get(item_id) == place and item_id in pending:
                stored = items.get(item_id)
                if stored is None or stored.upload < upload:
                    places.append(place)
        whole = len(places) == len(ids)
        due = ids if whole else [ids[place] for place in places]
        self.vectors.put(due, batch.directions if whole else batch.directions[places])
        texts, summaries, metadata = batch.texts, batch.summaries, batch.metadata
        bare = Item(NONE, None, upload, batch.accepted_at, False)
        for item_id, place in zip(due, places, strict=True):
            known = items.get(item_id)
            if known is None:
                self.reserved -= 1
            items[item_id] = (
                bare
                if known is None and texts is None and metadata[place] is NONE
                else Item(
                    metadata[place],
                    texts[place] if texts else None,
                    upload,
                    batch.accepted_at if known is None else known.created_at,
                    item_id in summaries,
                )
            )
            if pending[item_id] == upload:
                del pending[item_id]
        if not batch.faults:
            return []
        return [batch.faults[place] for place in range(first, stop) if place in batch.faults]

    def remove(self, ids: Sequence[str]) -> list[str]:
        """Removes distinct ids and lists those that were stored; a pending one keeps its room."""
        found = [item_id for item_id in ids if self.items.pop(item_id, None) is not None]
        self.vectors.remove(found)
        self.reserved += sum(item_id in self._pending for item_id in found)
        return found

    def forget(self, ids: Iterable[str], upload: int) -> None:
        """Gives up what an upload has reserved of these ids but not stored, unless a newer one has, too."""
        for item_id in ids:
            if self._pending.get(item_id) == upload:
                del self._pending[item_id]
                self.reserved -= item_id not in self.items

    def forget_uploads(self) -> Sequence[Job]:
        """Gives up all that uploads have reserved but not stored, and lists their jobs."""
        jobs = [*self.uploads.values(), *(file_job.job for file_job in self.files.jobs.values())]
        self.uploads.clear()
        self.files.jobs.clear()
        self._pending.clear()
        self.reserved = 0
        return jobs

    def _unknown(self, ids: Iterable[str]) -> list[str]:
        return [item_id for item_id in ids if item_id not in self.items and item_id not in self._pending]


class Store:
    """All namespaces of a world, the deletions it has seen, and the sums that the quota is made of."""

    service = "moorcheh"

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.namespaces: dict[str, Namespace] = {}
        self.deletions: dict[tuple[str, str], Job] = {}
        self.ages = count()
        self.upload_numbers = count()

    @classmethod
    def of(cls, world: World, /) -> Self:
        """Makes the empty store of a new world."""
        return cls(world.equipment.embedder)

    @property
    def items(self) -> int:
        """The number of items stored, text and vector together."""
        return sum([len(each.items) for each in self.namespaces.values()])

    @property
    def committed(self) -> int:
        """The number of items stored, and of those to come that running uploads have reserved."""
        return sum([len(each.items) + each.reserved for each in self.namespaces.values()])

    def find(self, name: str, clause: str) -> Namespace:
        """Finds a namespace by name; `Refused` under the given clause if there is none."""
        try:
            return self.namespaces[name]
        except KeyError:
            raise Refused(clause, f"namespace {name!r} not found") from None

    def held(self, scope: str) -> Container[str]:
        """The ids stored in the namespace of a name."""
        namespace = self.namespaces.get(scope)
        return () if namespace is None else namespace.items

    def summary(self) -> Mapping[str, Any]:
        """Tells what is stored, for the admin API."""
        return {
            "namespaces": [
                {
                    "namespace_name": namespace.name,
                    "type": namespace.type,
                    "vector_dimension": namespace.dimension,
                    "item_count": len(namespace.items),
                    "reserved": namespace.reserved,
                    "created_at": timestamp(namespace.created_at),
                }
                for namespace in self.namespaces.values()
            ]
        }
