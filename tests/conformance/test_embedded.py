"""The bundled mock is started for a run and ends with it."""

import shutil

import pytest

from conformance.embedded import bundled_mock
from conformance.target import Target, Unreachable


def is_gone(url: str) -> bool:
    """Whether nobody listens there any more."""
    with Target(url) as target:
        try:
            target.send("GET", "/health")
        except Unreachable:
            return True
    return False


def test_the_mock_answers_for_as_long_as_it_is_needed() -> None:
    with bundled_mock() as url, Target(url) as target:
        assert target.send("GET", "/health").body["items"] == 0
    assert is_gone(url)


def test_options_reach_the_mock() -> None:
    with bundled_mock(["--max-items", "7"]) as url, Target(url) as target:
        assert target.send("GET", "/health").body["max_items"] == 7


def test_the_mock_ends_though_the_run_fails() -> None:
    with pytest.raises(KeyboardInterrupt), bundled_mock() as url:
        raise KeyboardInterrupt
    assert is_gone(url)


def test_a_mock_that_does_not_end_by_itself_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.embedded.PATIENCE", 0)
    with bundled_mock() as url:
        pass
    assert is_gone(url)


def test_a_mock_that_does_not_start_says_why() -> None:
    with (
        pytest.raises(Unreachable, match=r"did not start: .*--max-items -1"),
        bundled_mock(["--max-items", "-1"]),
    ):
        pytest.fail("it started")


@pytest.mark.parametrize(("program", "reason"), [("true", "it said nothing"), ("echo", "-m mock_server")])
def test_another_program_than_the_mock_is_told(
    program: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", shutil.which(program))
    with pytest.raises(Unreachable, match=f"did not start: {reason}"), bundled_mock():
        pytest.fail("it started")
