"""What traffic tells of a server's room: the items /health spoke of, and whether that still holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.moorcheh.witness.asked import UPLOADS, Asked
from mock_server.witness import Passage

READING = frozenset(
    ("health", "listNamespaces", "getDeleteJob", "getUploadJob", "getItems", "fetchTextData", "search")
) | frozenset(("answer", "listFiles", "getFile", "getFileJob"))
CLAUSES = {"uploadVectors": "quota.exact-fill", "uploadDocuments": "quota.documents-too"}


@dataclass(frozen=True, slots=True)
class Room:
    """The counts of /health at a moment."""

    items: int
    max_items: int
    since: int


class Quota:
    """The room there is, known while nothing under way could change it."""

    def __init__(self) -> None:
        self._unsettled: set[int | str] = set()
        self._changed = -1
        self._room: Room | None = None

    def sent(self, asked: Asked, moment: int) -> None:
        """Takes note of a request under way."""
        if asked.operation not in READING:
            self._unsettled.add(moment)

    def answered(self, asked: Asked, passage: Passage) -> None:
        """Takes note of the answer to a request that may change how many items there are."""
        if asked.operation in READING:
            if asked.operation == "health" and passage.succeeded:
                self._look(passage)
            return
        if passage.succeeded:
            job_id = passage.body.get("job_id")
            if isinstance(job_id, str):
                self._unsettled.add(job_id)
        if passage.succeeded or passage.status in (400, 404, 409):
            self._unsettled.discard(passage.began)
        if passage.succeeded:
            self._changed = passage.ended

    def finished(self, job_id: str, passage: Passage) -> None:
        """Takes note that a job has ended."""
        if job_id in self._unsettled:
            self._unsettled.discard(job_id)
            self._changed = passage.ended

    def room(self, passage: Passage) -> Room | None:
        """Answers the room that certainly was there when a request came."""
        room = self._room
        alone = self._unsettled <= {passage.began}
        certain = room is not None and alone and self._changed <= room.since <= passage.began
        return room if certain else None

    def judge(self, asked: Asked, passage: Passage, new: Sequence[str] | None) -> Iterator[tuple[str, str]]:
        """Says what the answer to an upload breaks; `new` are its new ids, None if not all are sure."""
        if asked.operation not in UPLOADS:
            return
        distinct = len(set(asked.ids))
        body: Any = passage.body
        refused = passage.status == 409 and isinstance(body.get("max_items"), int)
        if refused and _is_count(body.get("requested_new")) and body["requested_new"] > distinct:
            yield "quota.body-true", f"requested_new {body['requested_new']} of {distinct} distinct ids"
        room = self.room(passage)
        if room is None:
            return
        if refused and (body.get("items"), body["max_items"]) != (room.items, room.max_items):
            yield (
                "quota.body-true",
                f"items {body.get('items')} and max_items {body['max_items']} where /health says "
                f"{room.items} and {room.max_items}",
            )
        left = room.max_items - room.items
        if refused and distinct <= left:
            yield CLAUSES[asked.operation], f"{distinct} ids are refused where {left} are left"
        if passage.succeeded and new is not None and len(new) > max(left, 0):
            clause = "quota.over-cap" if asked.operation == "uploadVectors" else "quota.documents-too"
            yield clause, f"{len(new)} new ids are accepted where {left} are left"

    def _look(self, passage: Passage) -> None:
        body: Any = passage.body
        items, max_items = body.get("items"), body.get("max_items")
        quiet = not self._unsettled and self._changed <= passage.began
        if quiet and _is_count(items) and _is_count(max_items):
            self._room = Room(items, max_items, passage.began)


def _is_count(value: Any) -> bool:
    return type(value) is int
