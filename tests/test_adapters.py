"""The adapters in examples/adapters/ keep what is documented, but for what they are known not to."""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conformance.client.driver import Client, Limits
from conformance.client.reply import Reply
from conformance.cortex.client import CORTEX_CLIENT, KEY
from conformance.moorcheh.client import MOORCHEH_CLIENT
from conformance.run import Options, Run
from conformance.target import Target
from tests.schemas.protocol import validator

ADAPTERS = Path(__file__).parents[1] / "examples" / "adapters"
CONTRACTS = {contract.name: contract for contract in (MOORCHEH_CLIENT, CORTEX_CLIENT)}
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


@dataclass(frozen=True)
class Adapter:
    """An adapter, and the documented clauses that its client does not keep.

    Attributes:
        service: The service it is a client of.
        file: Its file.
        words: What its command line says more.
        unkept: The verdicts on those clauses, by what follows `<service>.client.` in their ids.
    """

    service: str
    file: str
    words: Sequence[str] = ()
    unkept: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> Sequence[str]:
        """The command that starts it."""
        program = "node" if self.file.endswith(".mjs") else sys.executable
        return [program, str(ADAPTERS / self.file), *self.words]

    def __str__(self) -> str:
        return "-".join((self.service, self.file, *self.words))


# The official client waits for deletions alone, and calls every 409 a full quota.
OFFICIAL = {
    "quota.told-apart": "broken",
    "jobs.place": "unproven",
    "jobs.end": "unproven",
    "jobs.partial": "unproven",
    "jobs.vanished": "unproven",
}
PYTHON = [
    Adapter("moorcheh", "moorcheh_httpx.py"),
    Adapter("moorcheh", "moorcheh_client.py", unkept=OFFICIAL),
    Adapter("moorcheh", "moorcheh_client.py", ["flat"], OFFICIAL),
    Adapter("cortex", "cortex_httpx.py"),
]
JAVASCRIPT = [Adapter("moorcheh", "fetch.mjs"), Adapter("cortex", "fetch.mjs")]
every_adapter = pytest.mark.parametrize(
    "adapter", [*PYTHON, *(pytest.param(each, marks=needs_node) for each in JAVASCRIPT)], ids=str
)


@every_adapter
def test_an_adapter_keeps_what_is_documented(
    adapter: Adapter, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    replies = _recorded(monkeypatch)
    contract = CONTRACTS[adapter.service]
    chosen = {each.id for each in contract.clauses().values() if each.evidence != "assumed"}
    with Target(server_url) as target:
        client = Client(target, adapter.command, adapter.service, api_key=KEY)
        run = Run(contract, client, Options(examples=3, chosen=chosen))
        for check in run.checks():
            run.prove(check)
        run.finish()
    results = {result.clause.id: result for result in run.results()}
    unkept = {
        each.removeprefix(f"{contract.prefix}."): results[each].verdict.value
        for each in chosen
        if results[each].verdict != "kept"
    }
    assert unkept == adapter.unkept
    _expect_within_the_protocol(replies)


def _recorded(monkeypatch: pytest.MonkeyPatch) -> list[Reply]:
    """The replies of all clients from now on."""
    replies: list[Reply] = []
    usual = Client.ask

    def ask(
        self: Client, operation: str, arguments: Mapping[str, Any], limits: Limits | None = None
    ) -> Reply:
        replies.append(usual(self, operation, arguments, limits))
        return replies[-1]

    monkeypatch.setattr(Client, "ask", ask)
    return replies


def _expect_within_the_protocol(replies: Sequence[Reply]) -> None:
    """Every line goes by its schema, and so does every result."""
    assert len(replies) > 50
    for reply in replies:
        line = json.loads(reply.line)
        validator("request.schema.json").validate(line)
        validator("answer.schema.json").validate(reply.answer)
        if reply.succeeded and reply.heard[-1].fault is None:
            validator(f"{line['service']}/{line['operation']}.response.schema.json").validate(reply.result)
