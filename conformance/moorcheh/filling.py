"""Filling brings an instance close to its cap, so that the quota is proven at the server's real size."""

import time
from collections.abc import Mapping
from typing import Any

from conformance.expectation import is_of, require
from conformance.moorcheh.basis import MOST_IDS, Namespace, health_of, vector_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.verdict import Unproven

FIRST_BATCH = 1_000
LARGEST_BATCH = 20_000
QUICK = 1.0
TELLING_SECONDS = 5.0
MOST_SECONDS = 60.0


class Filling:
    """Small vectors in a namespace of their own that take up the quota but for the room a check asks for.

    A foreign server is filled only if nobody else has items there and it takes less than a minute,
    unless the user allows more (`Terms.fill_quota`).

    Args:
        server: The driver.
    """

    def __init__(self, server: Moorcheh) -> None:
        # Jobs that other checks have left running may hold quota that /health does not show.
        server.forget()
        self._server = server
        self._space: Namespace | None = None
        self._ids: list[str] = []
        self._serial = 0
        self._batch = FIRST_BATCH
        self._largest = LARGEST_BATCH
        self._sent = 0
        self._spent = 0.0
        self._refused = ""

    def leave_room(self, room: int) -> None:
        """Brings the instance to exactly `room` items below its cap.

        Raises:
            Unproven: It cannot or must not be brought there.
        """
        require(not self._refused, self._refused)
        self._server.is_filled = True
        if self._space is None:
            self._require_alone()
            self._space = vector_namespace(self._server, 1)
            self._server.keep(self._space.name)
        max_items = health_of(self._server)["max_items"]
        told = f"the server brought to {max_items - room:,} of its {max_items:,} items"
        try:
            with self._server.target.history.summed_up(told):
                self._approach(self._space, room)
        except Unproven as reason:
            self._refused = f"the instance cannot be brought to its cap: {reason}"
            raise Unproven(self._refused, reason.basis) from None

    def _approach(self, space: Namespace, room: int) -> None:
        self._sent, self._spent = 0, 0.0
        missing = _missing(health_of(self._server), room)
        while missing > 0:
            self._require_time(missing)
            stored = self._add(space, min(missing, self._batch))
            still_missing = _missing(health_of(self._server), room)
            require(
                still_missing < missing or not stored, "uploading items does not raise the items of /health"
            )
            missing = still_missing
        while missing < 0:
            ids = self._ids[: min(-missing, MOST_IDS)]
            require(bool(ids), "it holds more than the fillers and the check's own items")
            space.delete_items(ids)
            del self._ids[: len(ids)]
            still_missing = _missing(health_of(self._server), room)
            require(still_missing > missing, "deleting items does not lower the items of /health")
            missing = still_missing
        require(missing == 0, "deleting items lowers the items of /health by more than their number")

    def _add(self, space: Namespace, size: int) -> bool:
        """Uploads one batch of fillers and learns how large the next may be; False if it was too large."""
        begun = time.monotonic()
        ids = [f"filler-{self._serial + n}" for n in range(size)]
        exchange = space.upload([{"id": each, "vector": [1]} for each in ids])
        if exchange.status in (400, 413) and size > 1:
            self._largest, self._batch = size // 2, max(1, size // 4)
            return False
        require(exchange.succeeded, f"an upload below the cap is refused: {exchange.outcome()}")
        space.await_accepted(exchange)
        self._serial += size
        self._ids += ids
        spent = time.monotonic() - begun
        self._sent += size
        self._spent += spent
        if size == self._batch and spent < QUICK:
            self._batch = min(2 * self._batch, self._largest)
        return True

    def _require_alone(self) -> None:
        if self._server.terms.fill_quota:
            return
        listed = self._server.list_namespaces().body.get("namespaces")
        counts: list[Any] = [
            entry.get("item_count")
            for entry in (listed if isinstance(listed, list) else [])
            if isinstance(entry, dict) and self._server.is_ours(str(entry.get("namespace_name")))
        ]
        others = health_of(self._server)["items"] - sum(count for count in counts if is_of(count, int))
        self._refused = (
            f"the server holds {others} items of others (--fill-quota fills it all the same)"
            if others > 0
            else ""
        )
        require(not self._refused, self._refused)

    def _require_time(self, missing: int) -> None:
        # One small batch that a busy machine was slow with says nothing of how long the large ones take.
        if self._server.terms.fill_quota or self._spent < TELLING_SECONDS:
            return
        rest = self._spent / self._sent * missing
        require(
            self._spent + rest <= MOST_SECONDS,
            f"filling it would take {self._spent + rest:.0f} s (--fill-quota waits that long)",
        )


def _missing(health: Mapping[str, int], room: int) -> int:
    return health["max_items"] - room - health["items"]
