"""Variants of both services that say the same in other words: JSON written otherwise, and fields added."""

import itertools
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.tolerant.registry import Application, wrapping

# What lies below these keys is the user's own, or a map whose keys say something.
FOREIGN = {"metadata", "embeddings", "source_counts", "structured_data"}
EXTRA: Mapping[str, Any] = {
    "x": None,
    "warnings": [],
    "links": {"self": "/"},
    "version": 3,
    "ok": True,
}
MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{3})Z")

Change = Callable[[Mapping[str, Any], int, Any], Any]
Write = Callable[[Any], str]


class Rewriting:
    """An application whose JSON answers are read, changed, and written anew.

    Args:
        app: The application.
        change: Is given a request's scope, the status and the body, and answers the body to send.
        write: Writes it.
    """

    def __init__(self, app: Application, change: Change | None = None, write: Write = json.dumps) -> None:
        self._app = app
        self._change = change or (lambda _scope, _status, body: body)
        self._write = write

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        said: list[dict[str, Any]] = []

        async def keep(message: dict[str, Any]) -> None:
            said.append(message)

        await self._app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in said[1:])
        document = self._change(scope, said[0]["status"], json.loads(body))
        body = self._write(document).encode()
        headers = [pair for pair in said[0]["headers"] if pair[0].lower() != b"content-length"]
        await send({**said[0], "headers": [*headers, (b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


def each_object(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Changes every object of an answer that is the service's own."""
    if isinstance(value, list):
        return [each_object(entry, change) for entry in value]
    if not isinstance(value, dict):
        return value
    own = {key: entry if key in FOREIGN else each_object(entry, change) for key, entry in value.items()}
    # A deletion's status tells of each id whether it was there: its keys are ids.
    return own if all(type(entry) is bool for entry in value.values()) and value else change(own)


@wrapping("Every object of an answer has fields that nobody asked for", moorcheh=["*"], cortex=["*"])
def extra_fields(app: Application) -> Application:
    numbers = itertools.count()

    def extended(own: dict[str, Any]) -> dict[str, Any]:
        return {**EXTRA, "request_id": f"request-{next(numbers)}", "seconds": next(numbers) / 7, **own}

    return Rewriting(app, lambda _scope, _status, body: each_object(body, extended))


@wrapping(
    "The keys of objects come in another order each time, the user's own among them",
    moorcheh=["vectors.metadata", "search.shape", "items.get", "jobs.shape", "fetch.shape"],
    cortex=["matrix.*", "find.metadata", "spellings.agree", "retrieve.vectors", "seed.*", "update.*"],
)
def shuffled_keys(app: Application) -> Application:
    chance = random.Random(1)

    def shuffled(value: Any) -> Any:
        if isinstance(value, list):
            return [*map(shuffled, value)]
        if not isinstance(value, dict):
            return value
        return {key: shuffled(value[key]) for key in chance.sample([*value], len(value))}

    return Rewriting(app, lambda _scope, _status, body: shuffled(body))


@wrapping(
    "JSON is escaped to ASCII, slashes too, and spread over lines",
    moorcheh=["vectors.id-any-string", "vectors.metadata", "items.get-text", "search.shape"],
    cortex=["matrix.chunk-ids", "find.*", "matrix.overwrite-message"],
)
def escaped(app: Application) -> Application:
    return Rewriting(app, write=lambda body: json.dumps(body, indent=4).replace("/", "\\/"))


@wrapping(
    "Whole numbers of metadata and vectors are written as 1.0, others with 17 digits and an exponent",
    moorcheh=["vectors.metadata", "vectors.upsert*", "search.*", "quota.rejected-whole", "fetch.*"],
    cortex=["retrieve.*", "find.*", "matrix.*", "search.*", "update.*", "documents.*"],
)
def verbose_numbers(app: Application) -> Application:
    def verbose(value: Any) -> Any:
        if isinstance(value, list):
            return [*map(verbose, value)]
        if isinstance(value, dict):
            return {key: verbose(entry) for key, entry in value.items()}
        return float(value) if type(value) is int and abs(value) <= 2**53 else value

    def change(_scope: Any, _status: int, body: Any) -> Any:
        if isinstance(body, list):
            return [*map(own, body)]
        return own(body)

    def own(value: Any) -> Any:
        if isinstance(value, list):
            return [*map(own, value)]
        if isinstance(value, dict):
            return {key: (verbose if key in FOREIGN else own)(entry) for key, entry in value.items()}
        return value

    return Rewriting(app, change, write=_written)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_written(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, float):
        return f"{value:.17E}" if value != int(value) or abs(value) > 2**53 else f"{value:.1f}"
    return json.dumps(value)


@wrapping(
    "Numbers that are whole are written as integers, scores and vectors too",
    moorcheh=["search.*", "fetch.shape", "vectors.metadata"],
    cortex=["retrieve.*", "find.*", "filter.*", "matrix.*", "search.*"],
)
def terse_numbers(app: Application) -> Application:
    def terse(value: Any) -> Any:
        if isinstance(value, list):
            return [*map(terse, value)]
        if isinstance(value, dict):
            return {key: terse(entry) for key, entry in value.items()}
        return int(value) if isinstance(value, float) and value == int(value) else value

    return Rewriting(app, lambda _scope, _status, body: terse(body))


@wrapping("Messages are other words, those left out whose wording is told", moorcheh=["*"], cortex=["*"])
def other_words(app: Application) -> Application:
    words = itertools.cycle(
        ("No.", "Příliš žluťoučký kůň\n\t", "全部できました", "x" * 3_000, "ok", "<b>&amp;</b>")
    )

    def said_anew(own: dict[str, Any]) -> dict[str, Any]:
        message = own.get("message")
        if not isinstance(message, str):
            return own
        return {**own, "message": f"{next(words)} {''.join(_told(message))}".strip()}

    return Rewriting(app, lambda _scope, _status, body: each_object(body, said_anew))


def _told(message: str) -> Iterator[str]:
    """What a message has to say by a clause, in other words."""
    if "already exists" in message:
        yield "This NAMESPACE Already Exists"
    if "not found" in message:
        yield "it was Not Found"
    if found := re.search(r"'(.*)' have been overwritten", message):
        yield f"the rows of {found[1]} were overwritten"
    if found := re.search(r"Got: (\d+)x(\d+)", message):
        yield f"At most 2,000 rows of 3,024 values, not {int(found[1]):,} rows of {int(found[2]):,}"


@wrapping(
    "Timestamps are of whole seconds",
    moorcheh=["jobs.*", "fetch.*", "namespaces.delete-*", "namespaces.listed", "files.accepted"],
    cortex=["processing.*"],
)
def whole_seconds(app: Application) -> Application:
    return Rewriting(app, write=lambda body: MOMENT.sub(r"\1Z", json.dumps(body)))


@wrapping(
    "Timestamps have six digits of a second, or none where these are zeros",
    moorcheh=["jobs.*", "fetch.*", "namespaces.delete-*", "namespaces.listed", "files.accepted"],
    cortex=["processing.*"],
)
def microseconds(app: Application) -> Application:
    def spelled(moment: re.Match[str]) -> str:
        return f"{moment[1]}Z" if moment[2] == "000" else f"{moment[1]}.{moment[2]}000Z"

    return Rewriting(app, write=lambda body: MOMENT.sub(spelled, json.dumps(body)))
