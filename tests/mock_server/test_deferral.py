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
before = {*sys.modules}
import mock_server.command
from mock_server import create_app
from mock_server.direct import Direct
direct = Direct(create_app(services=sys.argv[1:]))
for act in direct.acts(direct.worlds["default"], "GET", b"/health", (), b""):
    assert act.status == 200
print(json.dumps(sorted({*sys.modules} - before - {"mock_server.direct"})))
"""
PACKAGES = {"mock_server", "uvicorn", "click", "httptools", "starlette", "orjson"}
LATER = {"hmac", "tomllib", "starlette.applications"}
"""What a start can do without: digests, the parser of clauses, a framework."""
COMMON = {
    "acts",
    "admin",
    "admin.endpoint",
    "admin.service",
    "app",
    "arrays",
    "arrival",
    "clock",
    "command",
    "connection",
    "deferral",
    "embedder",
    "endpoint",
    "equipment",
    "faults",
    "heads",
    "jobs",
    "journal",
    "ledger",
    "listening",
    "memory",
    "payload",
    "protocol",
    "refusal",
    "routing",
    "rules",
    "segments",
    "service",
    "session",
    "stopping",
}
OF_MOORCHEH = {
    "moorcheh",
    "moorcheh.clauses",
    "moorcheh.health",
    "moorcheh.sending",
    "moorcheh.service",
    "moorcheh.store",
}
OF_CORTEX = {"cortex", "cortex.clauses", "cortex.service", "cortex.store"}
"""The modules of this package that a server has imported when it has told its health, and no others.

What is missing here costs every start: see whether it cannot be deferred.
"""


def imported(*services: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", START, *services], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def own(names: set[str]) -> set[str]:
    return {name.removeprefix("mock_server.") for name in names if name.startswith("mock_server.")}


def test_a_server_answers_before_it_imports_what_it_does_not_need() -> None:
    names = imported()
    assert own(names) == COMMON | OF_MOORCHEH | OF_CORTEX
    assert names & LATER == set()


def test_a_service_that_is_not_served_is_not_imported() -> None:
    assert own(imported("moorcheh")) == COMMON | OF_MOORCHEH


def test_a_start_imports_few_packages_of_others() -> None:
    names = {name.partition(".")[0] for name in imported()} - sys.stdlib_module_names
    # What Cython makes of a package's insides bears names of its own.
    others = {name for name in names if "cython" not in name and not name.startswith("__")}
    assert others - {"colorama"} == PACKAGES  # click has that on Windows


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
