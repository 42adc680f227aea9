"""What traffic tells of a server's namespaces, and of the items in them.

Only what is certain is kept. A request under way puts what it may change in doubt until its answer is whole;
one without an answer, or answered in no documented way, leaves its doubt behind for good.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mock_server.moorcheh.witness.asked import UPLOADS, Asked
from mock_server.witness import Passage

MOST_ITEMS = 1_000_000  # remembered of one namespace
REFUSALS = (400, 404, 409)
WRITES = frozenset((*UPLOADS, "deleteItems"))


@dataclass(frozen=True, slots=True)
class Item:
    """What is known of one id since a moment.

    `stored` is None where writes overlapped, and `digest` where the metadata is not sure.
    """

    stored: bool | None
    since: int
    digest: bytes | None = None


@dataclass(slots=True)
class Write:
    """An upload or deletion of items that is not settled: its ids, and those that others write meanwhile."""

    digests: Mapping[str, bytes | None]
    disputed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Known:
    """A namespace that exists since a moment.

    `whole` says that it was empty then, so that ids never sent are not in it. `writes` are what is not
    settled, by the moment they were sent; `changed` is the moment at which the last of them was.
    """

    type: str
    dimension: int | None
    since: int
    whole: bool
    changed: int
    items: dict[str, Item] = field(default_factory=dict)
    writes: dict[int, Write] = field(default_factory=dict)

    def begin(self, moment: int, digests: Mapping[str, bytes | None]) -> None:
        """Takes note of a write that is under way."""
        write = Write(digests)
        for other in self.writes.values():
            common = digests.keys() & other.digests.keys()
            write.disputed |= common
            other.disputed |= common
        self.writes[moment] = write

    def settle(self, moment: int, now: int, stored: bool, sure: bool = True) -> None:
        """Takes note that a write is done; not `sure` if part of it may have failed."""
        write = self.writes.pop(moment, None)
        if write is None:
            return
        for item_id, digest in write.digests.items():
            known = sure and item_id not in write.disputed
            self.items[item_id] = Item(stored if known else None, now, digest)
        self.changed = now
        if len(self.items) > MOST_ITEMS:
            self.whole = False
            self.items.clear()

    def give_up(self, moment: int) -> None:
        """Takes note that a write was refused."""
        self.writes.pop(moment, None)

    def item(self, item_id: str, passage: Passage) -> Item | None:
        """Answers what is certain of an id for the time of an exchange."""
        if any(item_id in each.digests for began, each in self.writes.items() if began != passage.began):
            return None
        item = self.items.get(item_id)
        if item is None:
            return Item(False, self.since) if self.whole else None
        return item if item.stored is not None and item.since <= passage.began else None

    def count(self, passage: Passage) -> int | None:
        """Counts the items, if their number is certain for the time of an exchange."""
        if not self.whole or self.writes or self.changed > passage.began:
            return None
        kept = [item.stored for item in self.items.values()]
        return None if None in kept else sum(map(bool, kept))


class Namespaces:
    """The namespaces that are known to exist, and those known not to."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._absent: dict[str, int] = {}
        self._doubts: dict[str, set[int]] = {}
        self._deletions: dict[str, str] = {}
        self._strays: dict[str, set[int]] = {}

    def sent(self, asked: Asked, moment: int) -> None:
        """Takes note of a request under way."""
        name = asked.namespace
        if asked.operation in ("createNamespace", "deleteNamespace"):
            self._doubts.setdefault(name, set()).add(moment)
        known = self._known.get(name)
        if known is None:
            if asked.operation in WRITES:
                self._strays.setdefault(name, set()).add(moment)
        elif asked.operation in UPLOADS:
            known.begin(moment, asked.digests())
        elif asked.operation == "deleteItems":
            known.begin(moment, dict.fromkeys(asked.ids))
        elif asked.operation in ("uploadFiles", "deleteFile"):
            known.whole = False

    def find(self, name: str, passage: Passage) -> Known | None:
        """Answers a namespace that certainly existed, as it is, all the time of an exchange."""
        known = self._known.get(name)
        certain = known is not None and known.since <= passage.began and not self._doubted(name, passage)
        return known if certain else None

    def is_absent(self, name: str, passage: Passage) -> bool:
        """Tells whether a namespace certainly did not exist all the time of an exchange."""
        since = self._absent.get(name)
        return since is not None and since <= passage.began and not self._doubted(name, passage)

    def all_certain(self, passage: Passage) -> Iterable[tuple[str, Known]]:
        """Answers every namespace that certainly existed all the time of an exchange."""
        found = ((name, self.find(name, passage)) for name in [*self._known])
        return [(name, known) for name, known in found if known is not None]

    def created(self, asked: Asked, passage: Passage) -> None:
        """Takes note of the answer to a creation; one that does not say what was asked for tells nothing."""
        name, body = asked.namespace, passage.body
        if passage.succeeded:
            doubted = self._doubted(name, passage)
            self.forget(name)
            dimension = body.get("vector_dimension")
            wanted = asked.document.get("type"), asked.document.get("vector_dimension")
            if not doubted and (body.get("type"), dimension) == wanted:
                whole = not self._strays.get(name)
                self._known[name] = Known(body["type"], dimension, passage.ended, whole, passage.ended)
        self._clear(name, passage)

    def deleted(self, asked: Asked, passage: Passage) -> None:
        """Takes note of the answer to a deletion, which the deletion's job completes."""
        if passage.succeeded:
            self.forget(asked.namespace)
            self._deletions[asked.namespace] = str(passage.body.get("job_id"))
        self._clear(asked.namespace, passage)

    def gone(self, name: str, job_id: str, passage: Passage) -> None:
        """Takes note that a deletion's job is completed."""
        if self._deletions.get(name) == job_id and not self._doubts.get(name):
            del self._deletions[name]
            self._absent[name] = passage.ended

    def listed(self, name: str, kept: str, dimension: int | None, passage: Passage) -> None:
        """Takes note of a namespace in a listing that was not known."""
        taken = (self._known, self._deletions, self._doubts, self._strays)
        if not any(name in each for each in taken) and self._absent.get(name, -1) < passage.began:
            self._known[name] = Known(kept, dimension, passage.ended, False, passage.ended)
            self._absent.pop(name, None)

    def forget(self, name: str) -> None:
        """Forgets all about a namespace."""
        self._known.pop(name, None)
        self._absent.pop(name, None)
        self._deletions.pop(name, None)

    def settled(self, name: str, moment: int, now: int, stored: bool, sure: bool = True) -> None:
        """Takes note that a write of items, sent at a moment, is done."""
        self._end_stray(name, moment)
        if name in self._known:
            self._known[name].settle(moment, now, stored, sure)

    def refused(self, name: str, moment: int) -> None:
        """Takes note that a write of items, sent at a moment, was refused."""
        self._end_stray(name, moment)
        if name in self._known:
            self._known[name].give_up(moment)

    def _doubted(self, name: str, passage: Passage) -> bool:
        return bool(self._doubts.get(name, set()) - {passage.began})

    def _end_stray(self, name: str, moment: int) -> None:
        strays = self._strays.get(name, set())
        strays.discard(moment)
        if not strays:
            self._strays.pop(name, None)

    def _clear(self, name: str, passage: Passage) -> None:
        """Ends the doubt of a request that was answered in a documented way."""
        if passage.succeeded or passage.status in REFUSALS:
            doubts = self._doubts.get(name, set())
            doubts.discard(passage.began)
            if not doubts:
                self._doubts.pop(name, None)
