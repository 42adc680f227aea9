"""The ledger: of every upload which ids it sent, whether it was committed, and whether its client was told.

It answers what a client cannot know after a lost answer: whether data was lost, or stored twice.
"""

from collections import Counter, deque
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UPLOADS = 10_000
IDS = 1_000_000
"""The most that a ledger remembers, uploads and ids of them all; then it forgets the oldest uploads."""
LISTED = 1_000  # ids of an upload that are listed; of more the first and the last


@dataclass(slots=True)  # made for every request: to freeze it would take as long as the rest of it
class Sent:
    """What an upload brings: its items' ids, as far as they can be read, and the scope they are unique in.

    `count` is that of the items, with or without an id.
    """

    scope: str
    ids: Sequence[str]
    count: int


@dataclass(slots=True)
class Upload:
    """One attempt to upload: the number of its exchange, what it sent, and what became of that.

    `answered` tells that the client got a whole answer, `refused` that this answer was a refusal.
    """

    number: int
    service: str
    sent: Sent
    committed: bool
    job_id: str | None = None
    answered: bool = False
    refused: bool = False

    def view(self) -> dict[str, Any]:
        """Spells the upload as JSON; of many ids the first and the last stand for all."""
        ids = self.sent.ids
        shown: Any = {"count": len(ids), "first": ids[0], "last": ids[-1]} if len(ids) > LISTED else [*ids]
        return {
            "number": self.number,
            "service": self.service,
            "scope": self.sent.scope,
            "ids": shown,
            "sent": self.sent.count,
            "committed": self.sent.count if self.committed else 0,
            "answered": self.answered,
            "refused": self.refused,
            **({} if self.job_id is None else {"job_id": self.job_id}),
        }


class Ledger:
    """The uploads of one world, oldest first; `dropped` counts those it has forgotten.

    `number` is that of the exchange under way: an operation that commits does so in its name.
    """

    def __init__(self, most_uploads: int = UPLOADS, most_ids: int = IDS) -> None:
        self._most_uploads = most_uploads
        self._most_ids = most_ids
        self._uploads: dict[int, Upload] = {}
        self._order: deque[int] = deque()
        self._ids = 0
        self.number = 0
        self.dropped = 0

    def __iter__(self) -> Iterator[Upload]:
        return iter(sorted(self._uploads.values(), key=lambda upload: upload.number))

    def commit(
        self, service: str, scope: str, ids: Sequence[str], count: int, job_id: str | None = None
    ) -> None:
        """Writes down that the exchange under way committed `count` items of these ids."""
        self._add(Upload(self.number, service, Sent(scope, ids, count), True, job_id))

    def close(
        self, number: int, service: str, read: Callable[[], Sent | None], answered: bool, refused: bool
    ) -> None:
        """Writes down how an upload ended; `read` tells what one that was not committed had sent."""
        upload = self._uploads.get(number)
        if upload is None:
            sent = read()
            if sent is None:
                return
            upload = Upload(number, service, sent, False)
            self._add(upload)
        upload.answered, upload.refused = answered, answered and refused

    def clear(self) -> None:
        """Forgets every upload."""
        self._uploads.clear()
        self._order.clear()
        self._ids = self.dropped = 0

    def balance(self, stored: Callable[[str, str], Container[str]]) -> Mapping[str, Any]:
        """Weighs what was sent against what was committed and what is stored now, as JSON.

        `stored` answers the ids in a service's scope. An id is lost if it was sent, never committed, and no
        answer said that it was refused; it is repeated if more than one upload committed it.
        """
        commits: Counter[tuple[str, str, str]] = Counter()
        told: set[tuple[str, str, str]] = set()
        known: dict[tuple[str, str, str], None] = {}
        for upload in self:
            scope = upload.sent.scope
            keys = dict.fromkeys((upload.service, scope, item_id) for item_id in upload.sent.ids)
            known.update(keys)
            if upload.committed:
                commits.update(keys.keys())
            if upload.refused:
                told.update(keys)
        held = {key for key in known if key[2] in stored(key[0], key[1])}
        return {
            "uploads": [upload.view() for upload in self],
            "dropped": self.dropped,
            "sent": len(known),
            "committed": len(commits),
            "stored": len(held),
            "lost": [key[2] for key in known if key not in commits and key not in told],
            "repeated": [key[2] for key, times in commits.items() if times > 1],
            "not_stored": [key[2] for key in commits if key not in held],
        }

    def _add(self, upload: Upload) -> None:
        uploads = self._uploads
        if upload.number not in uploads:
            self._order.append(upload.number)
        uploads[upload.number] = upload
        self._ids += len(upload.sent.ids)
        while len(uploads) > self._most_uploads or (self._ids > self._most_ids and len(uploads) > 1):
            self._ids -= len(uploads.pop(self._order.popleft()).sent.ids)
            self.dropped += 1
