"""A clause's source is an address where it names a page, and none where it does not."""

import re

import pytest

from conformance.clause import Clause, Evidence, load_clauses
from conformance.report.source import page_of


def clause_of(source: str, evidence: Evidence, service: str = "moorcheh") -> Clause:
    """A clause with a source."""
    return Clause(f"{service}.area.fact", "A fact", source, evidence, "must")


@pytest.mark.parametrize(
    ("clause", "page"),
    [
        (clause_of("on-prem/page, 409", "documented"), "https://docs.moorcheh.ai/on-prem/page"),
        (clause_of("on-prem/page", "documented"), "https://docs.moorcheh.ai/on-prem/page"),
        (
            clause_of("endpoint/page, body", "documented", "cortex"),
            "https://docs.usecortex.ai/api-reference/endpoint/page",
        ),
        (clause_of("moorcheh-client 0.1.6, namespaces.list", "implied"), ""),
        (clause_of("memanto, agent creation", "implied"), ""),
        (clause_of("not documented: a choice", "assumed"), ""),
        (clause_of("two words, body", "documented"), ""),
        (clause_of("client 1.0", "implied", "cortex"), ""),
        (clause_of("page", "documented", "tiny"), ""),
    ],
)
def test_a_source_is_an_address_where_it_names_a_page(clause: Clause, page: str) -> None:
    assert page_of(clause) == page


@pytest.mark.parametrize("service", ["moorcheh", "cortex"])
def test_every_documented_clause_has_an_address(service: str) -> None:
    for clause in load_clauses(service).values():
        if clause.evidence == "documented":
            assert re.fullmatch(r"https://docs\.[a-z]+\.ai/[\w./-]+", page_of(clause)), clause
