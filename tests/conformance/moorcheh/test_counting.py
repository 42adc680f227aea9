"""Checks that compare counts of the whole server are known as such: nobody may be at work beside them."""

from pathlib import Path

import pytest

from conformance.asgi import AsgiTransport
from conformance.exchange import Exchange
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import FilesFolder, Moorcheh, Terms
from conformance.run import Options, Run
from conformance.target import Target
from mock_server import create_app

# These ask /health for other things than counts.
COUNTLESS = {"health_names_the_providers"}
AREAS = sorted({clause.area for clause in MOORCHEH.clauses().values()} - {"quota"})


class Watching(Moorcheh):
    """Counts how often an example asks for the counts of the whole server."""

    asked = 0
    most = 0

    def begin_example(self) -> None:
        """Begins to count anew."""
        self.asked = 0
        super().begin_example()

    def health(self) -> Exchange:
        """Counts, and asks."""
        self.asked += 1
        self.most = max(self.most, self.asked)
        return super().health()


@pytest.mark.parametrize("area", AREAS)
def test_a_check_that_compares_counts_has_the_server_for_itself(area: str, tmp_path: Path) -> None:
    chosen = {clause.id for clause in MOORCHEH.clauses().values() if clause.area == area}
    transport = AsgiTransport(create_app(max_items=1_500, files=[tmp_path]))
    with Target("http://mock", transport=transport) as target:
        server = Watching(target, Terms(files=FilesFolder(tmp_path, str(tmp_path))))
        run = Run(MOORCHEH, server, Options(examples=2, chosen=chosen))
        run.baseline = ""
        for check in run.checks():
            server.most = 0
            run.prove(check)
            assert MOORCHEH.counts(check) or server.most < 2 or check.name in COUNTLESS, check.name
        run.finish()


def test_no_clause_is_said_to_count_that_is_none() -> None:
    assert MOORCHEH.counting <= MOORCHEH.clauses().keys()
