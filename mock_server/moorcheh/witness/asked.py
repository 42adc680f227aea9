"""A request on its way to a foreign server, read as far as judging it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_server.decoder import Items, read_items
from mock_server.moorcheh.bodies import read_exactly, read_object
from mock_server.moorcheh.rules import asked_name
from mock_server.refusal import Refused
from mock_server.rules import Document
from mock_server.sameness import digest
from mock_server.service import Call

UPLOADS: Mapping[str, tuple[str, str]] = {
    "uploadVectors": ("vectors", "vector"),
    "uploadDocuments": ("documents", "text"),
}
"""The uploads, each with the field of its items and the field of an item that is no metadata."""
RESERVED = frozenset({"id", "vector", "text", "metadata"})
BODILESS = frozenset(
    ("health", "listNamespaces", "deleteNamespace", "getDeleteJob", "getUploadJob", "fetchTextData")
) | frozenset(("listFiles", "getFile", "getFileJob"))


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    `quick` holds an upload of vectors that is surely valid, `document` the body of any other request that
    has one; `malformed` says why that is no JSON object.
    """

    operation: str
    call: Call
    document: Document = field(default_factory=dict)
    quick: Items | None = None
    malformed: str = ""

    @property
    def namespace(self) -> str:
        """The namespace that the request is about, empty if none or several."""
        if self.operation == "createNamespace":
            name = asked_name(self.document)
            return name if isinstance(name, str) else ""
        return self.call.parameters.get("namespace_name", "")

    @property
    def elements(self) -> Sequence[Any]:
        """The elements of an upload that was not read quickly, whatever they are."""
        elements = self.document.get(UPLOADS[self.operation][0])
        return elements if isinstance(elements, list) else []

    @property
    def sent(self) -> int:
        """How many items an upload sends."""
        return len(self.elements) if self.quick is None else len(self.quick.ids)

    @property
    def ids(self) -> Sequence[str]:
        """The ids that an upload, a get or a deletion names, those that are strings."""
        if self.quick is not None:
            return self.quick.ids
        if self.operation in UPLOADS:
            named = [each.get("id") for each in self.elements if isinstance(each, dict)]
        else:
            ids = self.document.get("ids")
            named = ids if isinstance(ids, list) else []
        return [each for each in named if isinstance(each, str)]

    def digests(self) -> dict[str, bytes | None]:
        """Answers the ids of an upload with the digest of their metadata, None where it is not sure."""
        found: dict[str, bytes | None] = {}
        content = UPLOADS[self.operation][1]
        pairs = (
            ((each["id"], each) for each in self.elements if isinstance(each, dict) and "id" in each)
            if self.quick is None
            else zip(self.quick.ids, self.quick.metadata, strict=True)
        )
        for item_id, fields in pairs:
            if isinstance(item_id, str):
                metadata = {key: value for key, value in fields.items() if key not in ("id", content)}
                sure = item_id not in found and RESERVED.isdisjoint(metadata)
                found[item_id] = digest(metadata) if sure else None
        return found


def read(operation: str, call: Call) -> Asked:
    """Reads a request."""
    if operation in BODILESS:
        return Asked(operation, call)
    if operation == "uploadVectors":
        quick = read_items(call.body, "vectors")
        if quick is not None:
            return Asked(operation, call, quick=quick)
    try:
        reader = read_exactly if operation == "uploadVectors" else read_object
        return Asked(operation, call, reader(call.body))
    except Refused as refused:
        return Asked(operation, call, malformed=refused.detail)
