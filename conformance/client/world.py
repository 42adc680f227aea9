"""A world on the mock, steered: a session of its own that a check fills, breaks and listens to."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from conformance.client.heard import Heard
from conformance.exchange import Exchange
from conformance.target import Target
from conformance.verdict import Untestable

LARGEST_BODY = 64 * 1024 * 1024  # bytes


class World:
    """One session of the mock.

    Args:
        target: The mock.
        name: The session's name.
        headers: What the service needs sent with every request.
    """

    def __init__(self, target: Target, name: str, headers: Mapping[str, str] | None = None) -> None:
        self._target = target
        self._headers = headers or {}
        self._prefix = f"/_session/{name}"
        self.base_url = target.base_url + self._prefix

    def send(self, method: str, path: str, json: Any = None) -> Any:
        """Asks the service itself, past the client, and answers the JSON value that came back.

        Raises:
            RuntimeError: The mock refuses it: the suite's own fault.
        """
        content = {} if json is None else {"json": json}
        return _value(self._target.send(method, self._prefix + path, headers=self._headers, **content))

    def steer(self, method: str, what: str, json: Any = None) -> Any:
        """Calls the steering API: `steer("POST", "settings", {"max_items": 3})`."""
        return self.send(method, f"/_mock/{what}", json)

    def set(self, **settings: Any) -> None:
        """Sets `max_items` or `jobs`."""
        self.steer("POST", "settings", settings)

    def fault(self, effect: str, method: str = "*", path: str = "*", **fields: Any) -> None:
        """Has the requests that match answered with a fault; `times=1` has the first one alone."""
        matched = {"path": path} if method == "*" else {"method": method, "path": path}
        self.steer("POST", "faults", {**matched, "effect": effect, **fields})

    def listen(self) -> None:
        """Forgets what was heard so far."""
        self.steer("DELETE", "requests")

    def keep_large_bodies(self) -> None:
        """Has the mock remember bodies whole that are larger than usual."""
        self.set(journal_body=LARGEST_BODY, journal_bytes=4 * LARGEST_BODY)

    def heard(self) -> Sequence[Heard]:
        """The requests heard since `listen`, in order.

        Raises:
            Untestable: One was larger than what the mock remembers.
        """
        entries = self.steer("GET", "requests")["requests"]
        cut = next((entry for entry in entries if entry["truncated"]), None)
        if cut is not None:
            what = f"{cut['method']} {cut['raw_path']}"
            raise Untestable(f"an exchange is larger than what the mock remembers: {what}")
        return [Heard.of(entry) for entry in entries]

    def running_jobs(self) -> Sequence[str]:
        """The ids of the jobs that have not ended."""
        return [job["job_id"] for job in self.steer("GET", "state")["running_jobs"]]

    def drop(self) -> None:
        """Lets the mock forget the session."""
        self.send("DELETE", "/_mock")


def segment(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")


def _value(exchange: Exchange) -> Any:
    if not exchange.succeeded:
        raise RuntimeError(f"{exchange.method} {exchange.url}: {exchange.outcome()}")
    return exchange.value
