"""The choices that documentation leaves to a server are named, once each, apart from the clauses."""

import re
import tomllib

import pytest

from tests.schemas.ground import SCHEMAS, clauses

LONGEST_TITLE = 100
SERVICES = ("cortex", "moorcheh")


@pytest.mark.parametrize("service", SERVICES)
def test_every_choice_says_what_may_differ_and_what_the_mock_does(service: str) -> None:
    choices = tomllib.loads((SCHEMAS / service / "choices.toml").read_text("utf-8"))
    assert choices
    for name, choice in choices.items():
        assert re.fullmatch("[a-z]+(-[a-z]+)*", name), name
        assert choice.keys() == {"title", "mock"}, name
        assert 0 < len(choice["title"]) <= LONGEST_TITLE, name
        assert choice["mock"].strip(), name
    titles = [choice["title"] for choice in choices.values()]
    assert len(set(titles)) == len(titles)
    assert not {f"{service}.choice.{name}" for name in choices} & clauses(service).keys()
