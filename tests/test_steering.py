"""docs/steering.md is true: its lines run, and what they answer is what openapi.json says."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from mock_server import create_app
from mock_server.admin.service import ADMIN
from mock_server.fault_fields import EFFECTS, MATCHING
from tests.serving import serving

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/steering.md").read_text(encoding="utf-8")
DOCUMENT = json.loads((ROOT / "schemas/admin/openapi.json").read_text(encoding="utf-8"))
COMPONENTS = DOCUMENT["components"]["schemas"]
SCRIPT = "\n".join(block for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
# Each call leaves two files behind: what came, and of what it came.
PRELUDE = """
set -eu
curl() {
  local place=$(mktemp -p "$CALLS")
  command curl -sS "$@" -o "$place.body" -w '%{method} %{url} %{http_code}' > "$place.call"
  cat "$place.body"
}
vecpact-mock() { :; }
"""


@dataclass(frozen=True)
class Call:
    """One call of the page, and what was answered."""

    method: str
    path: str
    status: int
    body: bytes


def described() -> dict[tuple[str, str], Any]:
    """Answers the operations of openapi.json by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }


def validator(schema: Any) -> Draft202012Validator:
    """Makes a validator of a schema that refers to the document's components."""
    text = json.dumps({**schema, "$defs": COMPONENTS}).replace("#/components/schemas/", "#/$defs/")
    return Draft202012Validator(json.loads(text), format_checker=Draft202012Validator.FORMAT_CHECKER)


def operation_of(call: Call) -> tuple[str, str]:
    """Finds the operation that a call is of."""
    for method, template in described():
        if method == call.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), call.path):
            return method, template
    raise AssertionError(f"no operation for {call}")


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """Runs the page once, and answers its calls of the admin API."""
    folder, log = tmp_path_factory.mktemp("page"), tmp_path_factory.mktemp("calls")
    with serving(create_app()) as url:
        done = subprocess.run(
            ["bash", "-c", PRELUDE + SCRIPT.replace("http://localhost:8080", url)],
            cwd=folder,
            env={**os.environ, "CALLS": str(log)},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    return [*_read(log)]


def _read(log: Path) -> Iterator[Call]:
    for written in sorted(log.glob("*.call"), key=lambda path: path.stat().st_mtime_ns):
        method, url, status = written.read_text().split(" ")
        path = re.sub(r"^/_session/[^/]+", "", urlsplit(url).path)
        if path.startswith("/_mock"):
            yield Call(method, path, int(status), written.with_suffix(".body").read_bytes())


def test_the_document_is_valid_openapi() -> None:
    errors = OpenAPIV31SpecValidator(DOCUMENT).iter_errors()
    assert [error.message for error in errors] == []


def test_the_document_describes_every_operation_and_no_other() -> None:
    assert described().keys() == {(each.method, each.path) for each in ADMIN.operations}
    names = [operation["operationId"] for operation in described().values()]
    assert len({*names}) == len(names)


def test_the_document_knows_every_effect_and_its_fields() -> None:
    told = {
        each["properties"]["effect"]["const"]: {*each["properties"]} - {"effect", *MATCHING}
        for each in COMPONENTS["Fault"]["oneOf"]
    }
    assert told == {name: {*effect.fields} for name, effect in EFFECTS.items()}
    needed = {
        each["properties"]["effect"]["const"]: {*each["required"]} - {"effect"}
        for each in COMPONENTS["Fault"]["oneOf"]
    }
    assert needed == {name: {*effect.needed} for name, effect in EFFECTS.items()}


def test_the_page_shows_every_operation_and_effect(calls: list[Call]) -> None:
    assert {operation_of(call) for call in calls} == described().keys()
    assert {*re.findall(r"^\| `([\w-]+)` \|", PAGE.split("## Faults")[1], re.MULTILINE)} >= EFFECTS.keys()


def test_what_the_page_asks_for_is_answered_as_described(calls: list[Call]) -> None:
    for call in calls:
        answer = described()[operation_of(call)]["responses"][str(call.status)]
        (media, content), *others = answer["content"].items()
        assert not others
        if media == "application/json":
            errors = [
                error.message for error in validator(content["schema"]).iter_errors(json.loads(call.body))
            ]
            assert errors == [], call
    # One line of the page shows what it looks like when a request did not come.
    assert [call.path for call in calls if call.status != 200] == ["/_mock/verify"]


def test_the_bodies_of_the_page_are_as_described() -> None:
    bodies = re.findall(
        r"^curl .*?http://localhost:8080(?:/_session/\w+)?(/_mock/\S*) -d '(.*)'$", SCRIPT, re.M
    )
    assert len(bodies) > 12
    for path, body in bodies:
        call = Call("POST", path.replace("$job", "job-1"), 200, b"")
        schema = described()[operation_of(call)]["requestBody"]["content"]["application/json"]["schema"]
        assert [error.message for error in validator(schema).iter_errors(json.loads(body))] == [], body


def test_an_answer_that_is_not_as_described_would_be_found() -> None:
    assert not validator({"$ref": "#/components/schemas/Jobs"}).is_valid({"jobs": [{"job_id": 1}]})
