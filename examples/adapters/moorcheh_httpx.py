"""A plain httpx client of Moorcheh on-prem, for the client suite: no retries, ten polls a second.

python -m conformance client moorcheh -- python examples/adapters/moorcheh_httpx.py
"""

import time
from typing import Any
from urllib.parse import quote

import httpx
from speaking import Failed, Request, serve

PAUSE = 0.1
NAMESPACE = "/namespaces/{namespace_name}"
OPERATIONS = {
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
# An operation that waits: what it starts, and what it asks until the job has ended.
WAITING = {
    "uploadVectorsAndWait": ("uploadVectors", "getUploadJob"),
    "uploadDocumentsAndWait": ("uploadDocuments", "getUploadJob"),
    "deleteNamespaceAndWait": ("deleteNamespace", "getDeleteJob"),
}


class Moorcheh:
    """A client of the service at a base URL.

    Args:
        http: What sends its requests.
        base_url: Where the service is.
        timeout: Seconds that one answer may take.
    """

    def __init__(self, http: httpx.Client, base_url: str, timeout: float) -> None:
        self._http = http
        self._base_url = base_url
        self._timeout = timeout

    def call(self, operation: str, arguments: dict[str, Any]) -> Any:
        """Carries out an operation and answers what the service says.

        Raises:
            Failed: The service refuses it, or cannot be heard or understood.
        """
        method, template = OPERATIONS[operation]
        path = template.format_map({name: quote(str(text), safe="") for name, text in arguments.items()})
        rest = {name: value for name, value in arguments.items() if f"{{{name}}}" not in template}
        sent: dict[str, Any] = {"json": rest} if method == "POST" else {"params": rest}
        try:
            response = self._http.request(method, self._base_url + path, timeout=self._timeout, **sent)
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

    def call_and_wait(self, start: str, ask: str, arguments: dict[str, Any], seconds: float) -> Any:
        """Starts a job, waits until it has ended, and answers its last state.

        Raises:
            Failed: The job did not do all it should, or not in time.
        """
        deadline = time.monotonic() + seconds
        name = arguments["namespace_name"]
        job_id = self.call(start, arguments)["job_id"]
        while time.monotonic() < deadline - PAUSE:
            job = self.call(ask, {"namespace_name": name, "job_id": job_id})
            if job["status"] == "failed" or job.get("failed"):
                raise Failed("job", f"the job {job_id} did not do all it should", body=job)
            if job["status"] == "completed":
                return job
            time.sleep(PAUSE)
        raise Failed("timeout", f"the job {job_id} did not end in time")


def _refused(response: httpx.Response) -> Failed:
    try:
        body = response.json()
    except ValueError:
        body = response.text or None
    said = body if isinstance(body, dict) else {}
    return Failed(
        "status",
        str(said.get("message", response.reason_phrase)),
        status=response.status_code,
        body=body,
        quota=response.status_code == 409 and "max_items" in said,
    )


HTTP = httpx.Client()


def carry_out(request: Request) -> Any:
    """Carries out a request of the suite."""
    client = Moorcheh(HTTP, request.base_url, request.answer_seconds)
    if request.operation in WAITING:
        return client.call_and_wait(*WAITING[request.operation], request.arguments, request.operation_seconds)
    if request.operation not in OPERATIONS:
        raise Failed("unsupported")
    return client.call(request.operation, request.arguments)


if __name__ == "__main__":
    serve(carry_out)
