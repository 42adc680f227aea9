"""What a server imports when it starts, and what when it is first needed."""

import json
import subprocess
import sys

import pytest

from mock_server.app import SERVICES
from mock_server.deferral import Callables, Deferred, Later

START = """
import json, sys
import mock_server.__main__
from mock_server import create_app
from mock_server.direct import Direct
direct = Direct(create_app())
for act in direct.acts(direct.worlds["default"], "GET", b"/health", (), b""):
    assert act.status == 200
names = [name.partition(".")[0] for name in sys.modules] + [name for name in sys.modules]
print(json.dumps(sorted(set(names))))
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
    "mock_server.moorcheh.reading",
    "mock_server.moorcheh.uploads",
    "mock_server.cortex.matrix",
    "mock_server.cortex.rules",
    "mock_server.admin.snapshots",
}


def test_a_server_answers_before_it_imports_what_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True)
    imported = set(json.loads(done.stdout))
    assert "mock_server.moorcheh.health" in imported
    assert imported & LATER == set()


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


@pytest.mark.parametrize("service", SERVICES.values(), ids=[*SERVICES])
def test_every_operation_that_is_deferred_can_be_found(service: object) -> None:
    operations = service.operations  # type: ignore[attr-defined]  # a service's
    stand_ins = [
        each
        for operation in operations
        for each in (operation.handle, operation.sent, operation.reader)
        if isinstance(each, Later)
    ]
    assert all(callable(each.found()) for each in stand_ins)
