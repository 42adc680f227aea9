"""A request on its way to a foreign server, read as far as judging it needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mock_server.cortex.bodies import Documents, Matrix, holds_documents, read_exactly, read_object
from mock_server.cortex.reading import quick_upload
from mock_server.cortex.scope import in_either, in_query
from mock_server.refusal import Refused
from mock_server.rules import Document
from mock_server.service import Call

Form = Literal["matrix", "documents", ""]

EXACT = ("uploadEmbeddings", "insertRawEmbeddings", "updateEmbeddings")
WITH_BODY = (*EXACT, "searchEmbeddings", "retrieveEmbeddings", "deleteEmbeddings", "searchRawEmbeddings")
IN_BODY = ("searchEmbeddings", "retrieveEmbeddings", "deleteEmbeddings", "searchRawEmbeddings")
BODIES = frozenset((*WITH_BODY, "filterRawEmbeddings", "createTenant"))
SCOPED_IN_BODY = frozenset((*IN_BODY, "filterRawEmbeddings", "createTenant"))
Scope = tuple[str, str]
"""A tenant and a sub-tenant, which is empty for the default one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    `document` is the body; `quick` holds an upload that is surely valid but for its length; `malformed` says
    why a body is no JSON object.
    """

    operation: str
    call: Call
    document: Document = field(default_factory=dict)
    quick: Matrix | Documents | None = None
    malformed: str = ""

    @property
    def form(self) -> Form:
        """The form of an upload, empty where its body tells none."""
        if self.operation == "uploadEmbeddings" or isinstance(self.quick, Matrix):
            return "matrix"
        if isinstance(self.quick, Documents) or holds_documents(self.document):
            return "documents"
        elements = self.document.get("embeddings")
        rows = isinstance(elements, list) and bool(elements) and isinstance(elements[0], list)
        return "matrix" if rows else ""

    @property
    def fields(self) -> Document:
        """Where the tenant and all else but the vectors is named."""
        if self.operation == "insertRawEmbeddings":
            return in_either(self.call, self.document)
        return self.document if self.operation in SCOPED_IN_BODY else in_query(self.call)

    @property
    def tenant(self) -> str:
        """The tenant asked for, empty if none is."""
        return _text(self.fields.get("tenant_id"))

    @property
    def scope(self) -> Scope:
        """The tenant and sub-tenant asked for."""
        return self.tenant, _text(self.fields.get("sub_tenant_id"))

    @property
    def file_id(self) -> str:
        """The file id that a matrix is sent under, empty if none is."""
        metadata = self.document.get("document_metadata")
        nested = metadata.get("file_id") if isinstance(metadata, dict) else None
        return _text(self.document.get("file_id")) or _text(nested)

    @property
    def rows(self) -> int:
        """How many rows a matrix has."""
        if isinstance(self.quick, Matrix):
            return len(self.quick.vectors)
        return len(self.document.get("embeddings") or ())

    @property
    def chunk_ids(self) -> Sequence[str]:
        """The ids of the chunks that are sent or asked for, in order."""
        if isinstance(self.quick, Documents):
            return self.quick.batch.ids
        if self.form == "documents":
            return [
                _text(chunk.get("chunk_id"))
                for element in self.document["embeddings"]
                for chunk in element["embeddings"]
            ]
        if self.operation == "updateEmbeddings":
            return [*(self.document.get("embeddings") or ())]
        if self.operation == "deleteRawEmbeddings":
            return [*self.call.query.get("chunk_ids", ())]
        chunk_ids = self.document.get("chunk_ids")
        return [each for each in chunk_ids if isinstance(each, str)] if isinstance(chunk_ids, list) else []


def read(operation: str, call: Call) -> Asked:
    """Reads a request."""
    if operation not in BODIES:
        return Asked(operation, call)
    if operation in ("uploadEmbeddings", "insertRawEmbeddings"):
        quick = quick_upload(call)
        if isinstance(quick, Matrix) or (isinstance(quick, Documents) and operation == "insertRawEmbeddings"):
            return Asked(operation, call, quick.fields, quick)
    try:
        return Asked(operation, call, (read_exactly if operation in EXACT else read_object)(call.body))
    except Refused as refused:
        return Asked(operation, call, malformed=refused.detail)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
