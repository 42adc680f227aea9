"""The suite inside a user's own pytest: `pytest --pyargs conformance --vecpact-base-url URL`.

Every pytest of an environment that has vecpact loads this module: it holds the options, and imports the suite
where there is something to prove.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
PLUGIN = "vecpact-clauses"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options."""
    group = parser.getgroup("vecpact", "contracts of vector-upload APIs (with --pyargs conformance)")
    group.addoption(
        "--vecpact-base-url", metavar="URL", default="", help="The server that should keep its contract."
    )
    group.addoption(
        "--vecpact-service",
        choices=("moorcheh", "cortex"),
        default="moorcheh",
        help="Whose contract (default: moorcheh).",
    )
    group.addoption(
        "--vecpact-options",
        metavar="WORDS",
        default="",
        help="More options of vecpact-check, such as '--quick --seed 7'.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Prepares the suite where a server is named."""
    if config.option.vecpact_base_url:
        from conformance.clause_items import Clauses

        config.pluginmanager.register(Clauses(config), PLUGIN)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Answers the clauses in place of the files of this package, where it is what was asked for."""
    config = parent.config
    asked = config.option.pyargs and any(word.partition("::")[0] == HERE.name for word in config.args)
    if path != HERE or not (asked or config.option.vecpact_base_url):
        return None
    from conformance.clause_items import Contract

    return Contract.from_parent(parent, name=HERE.name, path=path, nodeid=HERE.name)
