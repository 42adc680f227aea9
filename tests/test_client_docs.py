"""The pages on clients are true: the adapter runs, the lines go by the schemas, the tables are whole."""

import json
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.__main__ import application
from conformance.client import driver, process
from conformance.client.lines import KINDS
from conformance.moorcheh.client import MOORCHEH_CLIENT
from tests.schemas.protocol import validator
from tests.schemas.test_client_protocol import WAITING
from tests.test_adapters import OFFICIAL

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
FINDINGS = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
PROTOCOL = (ROOT / "docs" / "client-protocol.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def rows(page: str, heading: str) -> list[str]:
    """The first cells of the table under a row of headings, without their quotes."""
    table = page.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return [cell for line in table.splitlines()[2:] for cell in re.findall(r"`(\w+)`", line.split("|")[1])]


@pytest.fixture
def adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command of the guide's adapter, its two files written down as they stand."""
    for block in blocks(GUIDE, "python"):
        name = block.partition("\n")[0].removeprefix("# ")
        (tmp_path / name).write_text(block, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return [sys.executable, "adapter.py"]


def test_the_adapter_of_the_guide_finds_what_the_guide_says(adapter: list[str]) -> None:
    [shown] = blocks(GUIDE, "text")
    chosen = ["moorcheh.client.quota.told", "moorcheh.client.vectors.numbers", "moorcheh.client.jobs.end"]
    words = [word for clause in chosen for word in ("--only", clause)]
    result = CliRunner().invoke(application, ["client", "moorcheh", *words, "--", *adapter])
    assert result.exit_code == 1
    for line in shown.splitlines()[:3] + shown.splitlines()[4:5]:
        assert line in result.stdout.splitlines()
    assert "kept      moorcheh.client.vectors.numbers" in result.stdout
    assert "unproven  moorcheh.client.jobs.end  the client does not offer" in result.stdout


def test_the_lines_of_the_protocol_go_by_its_schemas() -> None:
    request, answers = blocks(PROTOCOL, "json")
    validator("request.schema.json").validate(json.loads(request))
    for line in answers.splitlines():
        validator("answer.schema.json").validate(json.loads(line))


def test_the_tables_of_the_protocol_are_whole() -> None:
    assert tuple(rows(PROTOCOL, "kind | says")) == KINDS
    waiting = {operation for operations in WAITING.values() for operation in operations}
    assert set(rows(PROTOCOL, "operation | does | its result")) == waiting
    for name in ("request", "error"):
        heading = {"request": "field | is", "error": "field of an error | is"}[name]
        schema = json.loads((ROOT / "schemas" / "client" / f"{name}.schema.json").read_text(encoding="utf-8"))
        assert set(rows(PROTOCOL, heading)) == schema["properties"].keys()


def test_the_bounds_of_the_protocol_are_those_of_the_suite() -> None:
    assert f"{driver.GRACE:g} s later" in PROTOCOL
    assert f"may take {driver.STARTING:g} s longer" in PROTOCOL
    assert f"at most {process.LONGEST_LINE // 2**20} MiB" in PROTOCOL


@pytest.mark.parametrize("page", [GUIDE, PROTOCOL], ids=["guide", "protocol"])
def test_what_the_pages_link_to_is_there(page: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page)
    assert targets
    assert [each for each in targets if not (ROOT / "docs" / each).exists()] == []


def test_the_findings_are_of_every_clause_and_as_the_adapters_are_held_to() -> None:
    table = re.findall(
        r"^\| `(moorcheh\.client\.\S+)` \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$", FINDINGS, re.MULTILINE
    )
    clauses = MOORCHEH_CLIENT.clauses().values()
    assert [row[:3] for row in table] == [(each.id, each.evidence, each.force) for each in clauses]
    for id_, evidence, _, *verdicts in table:
        if evidence != "assumed":
            assert set(verdicts) == {OFFICIAL.get(id_.removeprefix("moorcheh.client."), "kept")}, id_
