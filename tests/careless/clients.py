"""The two clients: a method of its own for what takes more than a request, and a table for the rest."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.careless.transport import NOTHING, Transport
from tests.careless.ways import Failed, Pairs

Arguments = Mapping[str, Any]
NAMESPACE = "/namespaces/{namespace_name}"
MOORCHEH = {
    "health": ("GET", "/health"),
    "listNamespaces": ("GET", "/namespaces"),
    "createNamespace": ("POST", "/namespaces"),
    "deleteNamespace": ("DELETE", NAMESPACE),
    "getDeleteJob": ("GET", f"{NAMESPACE}/delete-jobs/{{job_id}}"),
    "uploadDocuments": ("POST", f"{NAMESPACE}/documents"),
    "uploadVectors": ("POST", f"{NAMESPACE}/vectors"),
    "getUploadJob": ("GET", f"{NAMESPACE}/upload-jobs/{{job_id}}"),
    "getItems": ("POST", f"{NAMESPACE}/items/get"),
    "deleteItems": ("POST", f"{NAMESPACE}/items/delete"),
    "fetchTextData": ("GET", f"{NAMESPACE}/documents/fetch-text-data"),
    "search": ("POST", "/search"),
    "answer": ("POST", "/answer"),
    "uploadFiles": ("POST", f"{NAMESPACE}/files"),
    "listFiles": ("GET", f"{NAMESPACE}/files"),
    "getFile": ("GET", f"{NAMESPACE}/files/{{file_id}}"),
    "deleteFile": ("POST", f"{NAMESPACE}/files/delete"),
    "getFileJob": ("GET", f"{NAMESPACE}/file-jobs/{{job_id}}"),
}
SCOPE = ("tenant_id", "sub_tenant_id")
ALL = (*SCOPE, "file_id", "file_ids", "source_id", "chunk_ids")
CORTEX: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "uploadEmbeddings": ("POST", "/upload/upload_embeddings", SCOPE),
    "updateEmbeddings": ("PATCH", "/upload/update_embeddings", SCOPE),
    "verifyUpload": ("POST", "/upload/verify_processing", ALL),
    "searchEmbeddings": ("POST", "/embeddings/search", ()),
    "retrieveEmbeddings": ("POST", "/embeddings/retrieve_by_ids", ()),
    "deleteEmbeddings": ("DELETE", "/embeddings/delete", ()),
    "createEmbeddingsTenant": ("POST", "/embeddings/create_tenant", ALL),
    "tenantStats": ("GET", "/tenant/stats", ALL),
    "listSubTenants": ("GET", "/tenant/sub_tenant_ids", ALL),
    "deleteSubTenant": ("DELETE", "/tenant/delete_sub_tenant", ALL),
    "insertRawEmbeddings": ("POST", "/embeddings/insert-raw-embeddings", ()),
    "searchRawEmbeddings": ("POST", "/embeddings/search-raw-embeddings", ()),
    "filterRawEmbeddings": ("POST", "/embeddings/filter-raw-embeddings", ()),
    "deleteRawEmbeddings": ("DELETE", "/embeddings/delete-raw-embeddings", ALL),
    "createTenant": ("POST", "/tenants/create", ()),
    "infraStatus": ("GET", "/tenants/infra/status", ALL),
    "monitorTenant": ("GET", "/tenants/monitor", ALL),
    "listSubTenantIds": ("GET", "/tenants/sub_tenant_ids", ALL),
    "listTenantIds": ("GET", "/tenants/tenant_ids", ALL),
    "deleteTenant": ("DELETE", "/tenants/delete", ALL),
    "verifyProcessing": ("POST", "/ingestion/verify-processing", ALL),
}


@dataclass
class Client:
    """A client that carries out one operation after another over a transport."""

    transport: Transport

    def carry_out(self, operation: str, arguments: Arguments) -> Any:
        """Carries out an operation and answers its result; `Failed` says what went wrong."""
        raise NotImplementedError

    def wait(self, look: Any, seconds: float) -> Any:
        """Looks at a job until it has ended.

        Raises:
            Failed: It did not do all it should, or not in time.
        """
        ways = self.transport.ways
        deadline = time.monotonic() + ways.patience(seconds)
        while time.monotonic() < deadline:
            job = look()
            if ways.has_ended(job):
                failure = ways.failure_of(job)
                return ways.failing(Failed("job", failure, body=job)) if failure else job
            time.sleep(ways.look_pause)
        return ways.failing(Failed("timeout", "the job did not end in time"))


class Moorcheh(Client):
    """A client of Moorcheh on-prem."""

    def carry_out(self, operation: str, arguments: Arguments) -> Any:
        """Carries out an operation and answers its result; `Failed` says what went wrong."""
        if operation in ("uploadVectorsAndWait", "uploadDocumentsAndWait"):
            accepted = self.carry_out(operation.removesuffix("AndWait"), arguments)
            return self._wait("getUploadJob", arguments, accepted)
        if operation == "deleteNamespaceAndWait":
            return self._wait("getDeleteJob", arguments, self.carry_out("deleteNamespace", arguments))
        for upload, kind in (("uploadVectors", "vectors"), ("uploadDocuments", "documents")):
            if operation == upload:
                return self._upload(operation, kind, arguments)
        return self._call(operation, arguments)

    def _upload(self, operation: str, kind: str, arguments: Arguments) -> Any:
        batches = self.transport.ways.batches(arguments[kind]) or [[]]
        answers = [self._call(operation, {**arguments, kind: list(batch)}) for batch in batches]
        return answers[0] if len(answers) == 1 else {"job_ids": [answer["job_id"] for answer in answers]}

    def _wait(self, operation: str, arguments: Arguments, accepted: Any) -> Any:
        place = self.transport.ways.looks_in(arguments["namespace_name"])
        jobs = [
            self.wait(
                partial(self._call, operation, {"namespace_name": place, "job_id": job_id}),
                self.transport.left,
            )
            for job_id in accepted.get("job_ids", [accepted.get("job_id")])
        ]
        return jobs[0] if len(jobs) == 1 else {"jobs": jobs}

    def _call(self, operation: str, arguments: Arguments) -> Any:
        method, template = MOORCHEH[operation]
        named = {name: self.transport.ways.path(str(text)) for name, text in arguments.items()}
        rest = {name: value for name, value in arguments.items() if f"{{{name}}}" not in template}
        query: Pairs = [] if method == "POST" else [(name, str(value)) for name, value in rest.items()]
        body = rest if method == "POST" else NOTHING
        return self.transport.send(operation, method, template.format_map(named), query, body)


class Cortex(Client):
    """A client of Cortex raw embeddings."""

    def carry_out(self, operation: str, arguments: Arguments) -> Any:
        """Carries out an operation and answers its result; `Failed` says what went wrong."""
        if operation == "uploadEmbeddingsAndWait":
            uploaded = self.carry_out("uploadEmbeddings", arguments)
            scope = {name: arguments[name] for name in SCOPE if name in arguments}
            scope["tenant_id"] = self.transport.ways.looks_in(scope["tenant_id"])
            asked = {**scope, "file_id": uploaded["file_id"]}
            return self.wait(lambda: self._call("verifyUpload", asked), self.transport.left)
        if operation == "uploadEmbeddings" and arguments.get("file_id") is None:
            # A repeat under an id of its own overwrites the first try; without one it would be another file.
            return self._call(operation, {**arguments, "file_id": self.transport.ways.file_id()})
        if operation == "insertRawEmbeddings":
            return self._insert(arguments)
        return self._call(operation, arguments)

    def _insert(self, arguments: Arguments) -> Any:
        answers: list[Any] = []
        for batch in self.transport.ways.batches(arguments["embeddings"]) or [[]]:
            answers.append(self._call("insertRawEmbeddings", {**arguments, "embeddings": list(batch)}))
        if len(answers) == 1:
            return answers[0]
        ids = [each for answer in answers for each in answer["ids"]]
        return {**answers[-1], "insert_count": len(ids), "ids": ids}

    def _call(self, operation: str, arguments: Arguments) -> Any:
        method, path, in_query = CORTEX[operation]
        given = dict(arguments)
        if "sub_tenant_id" in given or self.transport.ways.scope(None) is not None:
            given["sub_tenant_id"] = self.transport.ways.scope(given.get("sub_tenant_id"))
        given = {name: value for name, value in given.items() if value is not None}
        query = [
            (name, each)
            for name, value in given.items()
            if name in in_query
            for each in (value if isinstance(value, list) else [value])
        ]
        body = {name: value for name, value in given.items() if name not in in_query}
        return self.transport.send(operation, method, path, query, body or NOTHING)


CLIENTS: Mapping[str, type[Client]] = {"moorcheh": Moorcheh, "cortex": Cortex}
OFFERED: Mapping[str, Sequence[str]] = {
    "moorcheh": (*MOORCHEH, "uploadVectorsAndWait", "uploadDocumentsAndWait", "deleteNamespaceAndWait"),
    "cortex": (*CORTEX, "uploadEmbeddingsAndWait"),
}
