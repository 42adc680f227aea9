"""A plain httpx client of Cortex raw embeddings, for the client suite: no retries, ten polls a second.

python -m conformance client cortex -- python examples/adapters/cortex_httpx.py
"""

import time
from typing import Any

import httpx
from speaking import Failed, Request, serve

PAUSE = 0.1
# What stands in the query; everything else stands in the body.
SCOPE = ("tenant_id", "sub_tenant_id")
ALL = (*SCOPE, "file_id", "file_ids", "source_id", "chunk_ids")
OPERATIONS: dict[str, tuple[str, str, tuple[str, ...]]] = {
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
COMPLETED = ("completed", "success")
HTTP = httpx.Client()


class Cortex:
    """A client of the service at a base URL.

    Args:
        http: What sends its requests.
        base_url: Where the service is.
        api_key: The caller's key.
        timeout: Seconds that one answer may take.
    """

    def __init__(self, http: httpx.Client, base_url: str, api_key: str, timeout: float) -> None:
        self._http = http
        self._base_url = base_url
        self._headers = {"authorization": f"Bearer {api_key}"}
        self._timeout = timeout

    def call(self, operation: str, arguments: dict[str, Any]) -> Any:
        """Carries out an operation and answers what the service says; what is None counts as left out.

        Raises:
            Failed: The service refuses it, or cannot be heard or understood.
        """
        method, path, in_query = OPERATIONS[operation]
        given = {name: value for name, value in arguments.items() if value is not None}
        query = {name: value for name, value in given.items() if name in in_query}
        body = {name: value for name, value in given.items() if name not in in_query}
        sent: dict[str, Any] = {"params": query, **({"json": body} if body else {})}
        try:
            response = self._http.request(
                method, self._base_url + path, headers=self._headers, timeout=self._timeout, **sent
            )
        except httpx.TimeoutException as error:
            raise Failed("timeout", str(error)) from error
        except httpx.RequestError as error:
            raise Failed("connection", str(error)) from error
        except ValueError as error:  # NaN, which JSON has not
            raise Failed("argument", str(error)) from error
        if not response.is_success:
            raise _refused(response)
        try:
            return response.json()
        except ValueError as error:
            raise Failed("answer", str(error), status=response.status_code, body=response.text) from error

    def upload_and_wait(self, arguments: dict[str, Any], seconds: float) -> Any:
        """Uploads a matrix, waits until it can be found, and answers its last state.

        Raises:
            Failed: The upload ended errored, or not in time.
        """
        deadline = time.monotonic() + seconds
        file_id = self.call("uploadEmbeddings", arguments)["file_id"]
        scope = {name: arguments[name] for name in SCOPE if name in arguments}
        while time.monotonic() < deadline - PAUSE:
            state = self.call("verifyUpload", {**scope, "file_id": file_id})
            if state["indexing_status"] == "errored":
                raise Failed("job", state.get("message", ""), body=state)
            if state["indexing_status"] in COMPLETED:
                return state
            time.sleep(PAUSE)
        raise Failed("timeout", f"the upload of {file_id} was not processed in time")


def _refused(response: httpx.Response) -> Failed:
    try:
        body = response.json()
    except ValueError:
        body = response.text or None
    detail = body.get("detail") if isinstance(body, dict) else None
    said = detail.get("message") if isinstance(detail, dict) else detail
    message = said if isinstance(said, str) else response.reason_phrase
    return Failed("status", message, status=response.status_code, body=body)


def carry_out(request: Request) -> Any:
    """Carries out a request of the suite."""
    client = Cortex(HTTP, request.base_url, request.api_key or "", request.answer_seconds)
    if request.operation == "uploadEmbeddingsAndWait":
        return client.upload_and_wait(request.arguments, request.operation_seconds)
    if request.operation not in OPERATIONS:
        raise Failed("unsupported")
    return client.call(request.operation, request.arguments)


if __name__ == "__main__":
    serve(carry_out)
