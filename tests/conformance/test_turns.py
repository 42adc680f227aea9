"""Turns: whoever is alone keeps all others waiting, and all others work side by side."""

import fcntl
from pathlib import Path
from threading import Event, Thread

import pytest

from conformance.turns import Turns


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file that processes share."""
    return tmp_path / "lock"


def is_free(path: Path, *, alone: bool) -> bool:
    """Whether another process would have its turn now."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_one_who_is_alone_keeps_all_others_waiting(path: Path) -> None:
    with Turns(path).taken(alone=True):
        assert not is_free(path, alone=False)
    assert is_free(path, alone=True)


def test_others_work_side_by_side_and_keep_one_waiting_who_must_be_alone(path: Path) -> None:
    with Turns(path).taken(alone=False), Turns(path).taken(alone=False):
        assert is_free(path, alone=False)
        assert not is_free(path, alone=True)
    assert is_free(path, alone=True)


def test_a_turn_is_given_back_when_the_work_fails(path: Path) -> None:
    with pytest.raises(KeyError), Turns(path).taken(alone=True):
        raise KeyError
    assert is_free(path, alone=True)


def test_a_turn_that_is_kept_covers_all_that_follows(path: Path) -> None:
    turns = Turns(path)
    turns.keep()
    turns.keep()
    with turns.taken(alone=False):
        pass
    assert turns.is_kept
    assert not is_free(path, alone=False)
    turns.give_back()
    assert not turns.is_kept
    assert is_free(path, alone=True)
    turns.keep()
    assert not is_free(path, alone=False)
    turns.give_back()


def test_one_who_waits_has_its_turn_in_the_end(path: Path) -> None:
    first, second, worked = Turns(path), Turns(path), Event()

    def work() -> None:
        with second.taken(alone=False):
            worked.set()

    first.keep()
    thread = Thread(target=work)
    thread.start()
    assert not worked.is_set()
    first.give_back()
    thread.join(10)
    assert worked.is_set()


def test_a_single_process_needs_no_file() -> None:
    turns = Turns(None)
    with turns.taken(alone=True), turns.taken(alone=True):
        turns.keep()
        assert turns.is_kept
        turns.give_back()
