"""Calls an ASGI application in process, without a socket and without a client library."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import Message

from mock_server.routing import Mock
from mock_server.session import World, Worlds


@dataclass(frozen=True)
class Reply:
    """An answer: status, headers, and the JSON body or that of a file."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def message(self) -> str:
        """The message of an error body."""
        message = self.body["message"]
        assert isinstance(message, str)
        return message


@dataclass(frozen=True)
class Client:
    """Calls an application; `prefix` is a session's, such as /_session/one."""

    app: Mock
    prefix: str = ""

    @property
    def world(self) -> World:
        """The world that the calls reach."""
        worlds: Worlds = self.app.state.worlds
        return worlds[self.prefix.rpartition("/")[2] or "default"]

    def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request; `body` is bytes, or a value to be written as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        messages: list[Message] = [{"type": "http.request", "body": content}]
        return self.stream(method, path, messages, headers)

    def stream(
        self, method: str, path: str, messages: list[Message], headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request whose body comes in the given messages."""
        sent: list[Message] = []
        place, _, query = path.partition("?")

        async def receive() -> Message:
            return messages.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": unquote(self.prefix + place),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        }
        asyncio.run(self.app(scope, receive, send))
        if not sent:
            return Reply(0, {}, None)
        given = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        content: bytes = sent[1]["body"]
        octets = given.get("content-type") == "application/octet-stream"
        return Reply(sent[0]["status"], given, content if octets else json.loads(content))

    def get(self, path: str) -> Reply:
        """GET a path."""
        return self.call("GET", path)

    def post(self, path: str, body: object = None) -> Reply:
        """POST a body."""
        return self.call("POST", path, body)

    def create(self, name: str = "demo", dimension: int | None = 2) -> None:
        """Create a namespace of vectors, or of text without a dimension."""
        kind = "text" if dimension is None else "vector"
        body = {"namespace_name": name, "type": kind, "vector_dimension": dimension}
        assert self.post("/namespaces", body).status == 201

    def upload(self, ids: str, name: str = "demo", **metadata: object) -> str:
        """Upload an item for each letter of `ids`, in directions of their own, and answer the job's id."""
        vectors = [{"id": letter, "vector": [1, ord(letter)], **metadata} for letter in ids]
        reply = self.post(f"/namespaces/{name}/vectors", {"vectors": vectors})
        assert reply.status == 202, reply
        job_id = reply.body["job_id"]
        assert isinstance(job_id, str)
        return job_id

    def job(self, job_id: str, name: str = "demo") -> Any:
        """Poll an upload job."""
        return self.get(f"/namespaces/{name}/upload-jobs/{job_id}").body

    def stored(self, ids: str, name: str = "demo") -> dict[str, Any]:
        """Answer the metadata of the items that are stored, among those named by the letters of `ids`."""
        reply = self.post(f"/namespaces/{name}/items/get", {"ids": list(ids)})
        return {item["id"]: item["metadata"] for item in reply.body["items"]}

    def count(self) -> int:
        """Answer the number of items stored."""
        items = self.get("/health").body["items"]
        assert isinstance(items, int)
        return items
