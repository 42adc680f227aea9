"""Checks of the area search: the searches that are refused, each with the valid one it is close to."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.expectation import expect_status, require
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import seeded_vector
from conformance.moorcheh.refusing import Standing, expect_refused_but_twin_accepted


@proves("moorcheh.search.kiosk-needs-threshold")
@given(threshold=st.sampled_from((0, 0.5, 1)))
def kiosk_mode_needs_a_threshold(server: Moorcheh, threshold: float) -> None:
    """Any threshold of its range will do."""
    names = [server.memo(Standing).vector(2).name]
    refused = server.search([1, 0], names, kiosk_mode=True)
    twin = server.search([1, 0], names, kiosk_mode=True, threshold=threshold)
    expect_refused_but_twin_accepted(refused, 400, twin)


@proves("moorcheh.search.dimension")
@given(stored=st.sampled_from((2, 3, 64)), asked=st.integers(1, 128))
def a_query_of_another_length_is_refused(server: Moorcheh, stored: int, asked: int) -> None:
    """Shorter or longer than the namespace's vectors."""
    names = [server.memo(Standing).vector(stored).name]
    asked += asked == stored
    refused = server.search(seeded_vector(asked, asked), names)
    expect_refused_but_twin_accepted(refused, 400, server.search(seeded_vector(asked, stored), names))


@proves("moorcheh.search.query-type")
@given(words=st.text("abc ", min_size=1, max_size=20).filter(str.strip))
def a_query_must_fit_the_namespace(server: Moorcheh, words: str) -> None:
    """Words do not search vectors, nor a vector texts."""
    vector, text = server.memo(Standing).vector(2).name, server.memo(Standing).text().name
    expect_refused_but_twin_accepted(server.search(words, [vector]), 400, server.search([1, 0], [vector]))
    expect_refused_but_twin_accepted(server.search([1, 0], [text]), 400, server.search(words, [text]))


@proves("moorcheh.search.unknown-namespace")
def searching_an_unknown_namespace_is_refused(server: Moorcheh) -> None:
    """A name never used, and one that begins like an existing one."""
    known = server.memo(Standing).vector(2).name
    twin = server.search([1, 0], [known])
    for name in (server.new_name(), known + "a", known.rsplit("-", 1)[0]):
        expect_refused_but_twin_accepted(server.search([1, 0], [name]), 400, twin)


@proves("moorcheh.search.empty")
@given(
    emptied=st.sampled_from(({"query": []}, {"namespaces": []}, {"namespaces": None}, {"namespaces": ...}))
)
def an_empty_search_is_refused(server: Moorcheh, emptied: dict[str, Any]) -> None:
    """No number in the query, or no namespace to search."""
    valid = {"query": [1, 0], "namespaces": [server.memo(Standing).vector(2).name]}
    body = {key: value for key, value in {**valid, **emptied}.items() if value is not ...}
    expect_status(server.target.send("POST", "/search", json=body), 400)
    twin = server.target.send("POST", "/search", json=valid)
    require(twin.succeeded, f"a search of one vector is not answered: {twin.outcome()}")
