"""The official Python client of Moorcheh on-prem, for the client suite; `flat` picks its older class.

    python -m conformance client moorcheh -- python examples/adapters/moorcheh_client.py
    python -m conformance client moorcheh -- python examples/adapters/moorcheh_client.py flat

It needs the extra `client`. The client waits for deletions and leaves waiting for uploads to its caller.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import requests
from moorcheh import MoorchehApiClient, MoorchehApiError, MoorchehClient
from speaking import Failed, Request, serve

Arguments = dict[str, Any]
WAIT = "deleteNamespaceAndWait"


def resources(request: Request) -> Mapping[str, Callable[..., Any]]:
    """The operations of the class with a resource for each part of the service."""
    client = MoorchehClient(request.base_url, request.answer_seconds)
    documents, files, namespaces = client.documents, client.files, client.namespaces

    def delete_and_wait(namespace_name: str) -> Any:
        return namespaces.delete(namespace_name, timeout=request.operation_seconds)

    return {
        "health": client.health,
        "listNamespaces": namespaces.list,
        "createNamespace": namespaces.create,
        "deleteNamespace": lambda namespace_name: namespaces.delete(namespace_name, wait=False),
        WAIT: delete_and_wait,
        "getDeleteJob": namespaces.delete_job_status,
        "uploadVectors": client.vectors.upload,
        "uploadDocuments": documents.upload,
        "getUploadJob": client.vectors.upload_job_status,
        "getItems": documents.get,
        "deleteItems": documents.delete,
        "fetchTextData": documents.fetch_text_data,
        "search": client.similarity_search.query,
        "answer": client.answer.generate,
        "uploadFiles": files.upload,
        "listFiles": files.list,
        "getFile": files.get,
        "deleteFile": files.delete,
        "getFileJob": files.job_status,
    }


def flat(request: Request) -> Mapping[str, Callable[..., Any]]:
    """The operations of the class with a method for each request."""
    client = MoorchehApiClient(request.base_url, request.answer_seconds)

    def on_namespace(method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda namespace_name, **payload: method(namespace_name, payload)

    def delete_and_wait(namespace_name: str) -> Any:
        return client.delete_namespace(namespace_name, timeout=request.operation_seconds)

    return {
        "health": client.health,
        "listNamespaces": client.list_namespaces,
        "createNamespace": lambda **payload: client.create_namespace(payload),
        "deleteNamespace": lambda namespace_name: client.delete_namespace(namespace_name, wait=False),
        WAIT: delete_and_wait,
        "getDeleteJob": client.delete_namespace_job_status,
        "uploadVectors": on_namespace(client.upload_namespace_vectors),
        "uploadDocuments": on_namespace(client.upload_namespace_documents),
        "getUploadJob": client.upload_job_status,
        "getItems": on_namespace(client.get_namespace_items),
        "deleteItems": on_namespace(client.delete_namespace_items),
        "fetchTextData": client.fetch_text_data,
        "search": lambda **payload: client.search(payload),
        "answer": lambda **payload: client.answer(payload),
        "uploadFiles": on_namespace(client.upload_namespace_files),
        "listFiles": client.list_namespace_files,
        "getFile": client.get_namespace_file,
        "deleteFile": on_namespace(client.delete_namespace_files),
        "getFileJob": client.file_job_status,
    }


OPERATIONS = {"resources": resources, "flat": flat}


def carry_out(request: Request) -> Any:
    """Carries out a request of the suite with the class that the command line names."""
    offered = OPERATIONS[sys.argv[1] if len(sys.argv) > 1 else "resources"](request)
    if request.operation not in offered:
        raise Failed("unsupported")
    try:
        return offered[request.operation](**request.arguments)
    except MoorchehApiError as error:
        raise Failed(
            "status",
            str(error),
            status=error.status_code,
            body=str(error) if error.body is None else error.body,
            quota=error.is_item_limit_exceeded,
        ) from error
    except requests.Timeout as error:
        raise Failed("timeout", str(error)) from error
    except requests.JSONDecodeError as error:
        raise Failed("answer", str(error)) from error
    except requests.exceptions.InvalidJSONError as error:
        raise Failed("argument", str(error)) from error
    except requests.RequestException as error:
        raise Failed("connection", str(error)) from error


if __name__ == "__main__":
    serve(carry_out)
