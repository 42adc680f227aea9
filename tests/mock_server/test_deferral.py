"""What a server imports when it starts, and what when it is first needed."""

import json
import subprocess
import sys

import pytest

from mock_server.admin.service import ADMIN
from mock_server.app import SERVICES
from mock_server.deferral import Callables, Deferred, Later
from mock_server.service import Api

START = """
import json, sys
import mock_server.command
from mock_server import create_app
from mock_server.direct import Direct
direct = Direct(create_app(services=sys.argv[1:]))
for act in direct.acts(direct.worlds["default"], "GET", b"/health", (), b""):
    assert act.status == 200
print(json.dumps([*sys.modules]))
"""
LATER = {
    "typer",
    "rich",
    "pydantic",
    "numpy",
    "simdjson",
    "lark",
    "httpx",
    "jsonschema",
    "hypothesis",
    "starlette.applications",
    "hmac",
    "tomllib",
    "mock_server.decoder",
    "mock_server.fault_fields",
    "mock_server.vectors",
    "mock_server.moorcheh.embedding",
    "mock_server.moorcheh.files",
    "mock_server.moorcheh.reading",
    "mock_server.moorcheh.uploads",
    "mock_server.cortex.matrix",
    "mock_server.cortex.rules",
    "mock_server.cortex.subtenant",
    "mock_server.admin.snapshots",
}


def imported(*services: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", START, *services], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def test_a_server_answers_before_it_imports_what_it_does_not_need() -> None:
    names = imported()
    assert {"mock_server.moorcheh.health", "mock_server.cortex.service"} <= names
    assert names & LATER == set()


def test_a_service_that_is_not_served_is_not_imported() -> None:
    assert "mock_server.cortex" not in imported("moorcheh")


def test_a_deferred_module_is_imported_once_and_gives_its_names() -> None:
    assert Deferred("json").dumps is json.dumps
    with pytest.raises(AttributeError):
        _ = Deferred("json").nothing


def test_a_stand_in_for_a_function_calls_it() -> None:
    module = Callables("json")
    assert module.loads is module.loads
    assert [module.loads("[1]"), module.loads("2")] == [[1], 2]
    assert isinstance(module.loads, Later)
    assert module.loads.found() is json.loads


@pytest.mark.parametrize("api", [*(find() for find in SERVICES.values()), ADMIN], ids=[*SERVICES, "mock"])
def test_every_operation_that_is_deferred_can_be_found(api: Api) -> None:
    stand_ins = [
        each
        for operation in api.operations
        for each in (operation.handle, operation.sent, operation.reader)
        if isinstance(each, Later)
    ]
    assert all(callable(each.found()) for each in stand_ins)
