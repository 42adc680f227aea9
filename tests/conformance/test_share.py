"""A share of a run proves a clause after those it depends on, and takes care of those beside it."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.binding import Binding
from conformance.check import Check, Server, explores, proves
from conformance.run import Options
from conformance.share import Share
from conformance.target import Target, Unreachable
from conformance.turns import Turns
from conformance.verdict import Broken, Verdict, broken
from tests.conformance.serving import MUST, OTHER, SHOULD, TinyDriver, TinyService, answering

DEPENDING = dataclasses.replace(SHOULD, id="tiny.second.depending", depends_on=(OTHER.id,))
CLAUSES = (MUST, OTHER, SHOULD, dataclasses.replace(DEPENDING, force="must"))


@dataclass
class Beside(TinyDriver):
    """A driver that works beside others."""

    def join(self, family: str) -> None:
        """Writes it down."""
        self.told.append(f"join {family}")

    def forget(self) -> None:
        """Writes it down."""
        self.told.append("forget")


def check_of(clause: str, error: Exception | None = None, *, exclusive: bool = False) -> Check:
    """A check of a clause."""

    @proves(clause, exclusive=exclusive)
    def it_is_run(server: Beside) -> None:
        server.told.append(f"prove {clause}")
        if error:
            raise error

    return it_is_run


def share_of(*checks: Check, turns: Turns | None = None, family: str = "") -> tuple[Share, list[str]]:
    """A share of a run of these checks, and what its driver is told."""
    service = TinyService("tiny", "Tiny", (), lambda _server: "", own_checks=checks, own_clauses=CLAUSES)
    told: list[str] = []

    def connect(target: Target) -> Beside:
        return Beside(target, told=told)

    share = Share(Binding(service, connect), answering(200), Options(), turns or Turns(None), family)
    return share, told


def test_a_part_is_the_checks_of_a_clause() -> None:
    share, _ = share_of(check_of(MUST.id), check_of(OTHER.id), check_of(MUST.id))
    assert {name: len(checks) for name, checks in share.parts().items()} == {MUST.id: 2, OTHER.id: 1}
    assert share.title_of(share.parts()[MUST.id]) == MUST.title


def test_what_a_clause_depends_on_is_proven_before_it_and_once() -> None:
    share, told = share_of(
        check_of(DEPENDING.id), check_of(OTHER.id, broken("a", "b")), check_of(OTHER.id), check_of(MUST.id)
    )
    (result,) = share.prove(share.parts()[DEPENDING.id])
    assert (result.verdict, result.detail) == (
        Verdict.UNPROVEN,
        f"depends on {OTHER.id}, which does not hold",
    )
    (basis,) = share.prove(share.parts()[OTHER.id])
    assert basis.verdict is Verdict.BROKEN
    proven = [word for word in told if word.startswith("prove")]
    assert proven == [f"prove {OTHER.id}", f"prove {OTHER.id}", f"prove {DEPENDING.id}"]


@pytest.mark.parametrize("known", [False, True])
def test_a_check_that_explores_tells_what_nobody_told_before(known: bool) -> None:
    def seen(clause: str) -> Broken:
        return broken("a", "b", clause=clause)

    @explores(MUST.id, OTHER.id)
    def it_finds_two(_server: Server) -> type:
        raise ExceptionGroup("both", [seen(MUST.id), seen(OTHER.id)])

    share, _ = share_of(
        check_of(MUST.id, broken("a", "b") if known else None), check_of(OTHER.id), it_finds_two
    )
    parts = share.parts()
    share.prove(parts[MUST.id])
    share.prove(parts[OTHER.id])
    assert share.title_of(parts[it_finds_two.name]) == "2 clauses together"
    found = share.prove(parts[it_finds_two.name])
    told = [result.clause.id for result in found]
    assert told == ([OTHER.id] if known else [MUST.id, OTHER.id])


def test_what_fills_the_server_keeps_all_others_waiting_until_it_is_empty(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "lock")
    share, told = share_of(check_of(MUST.id), check_of(OTHER.id, exclusive=True), turns=turns, family="f")
    assert told == ["join f"]
    share.prove(share.parts()[MUST.id])
    assert not turns.is_kept
    assert [share.fills(checks) for checks in share.parts().values()] == [False, True]
    share.prove(share.parts()[OTHER.id])
    assert turns.is_kept
    share.empty()
    assert (turns.is_kept, told[-1]) == (False, "forget")
    share.empty()
    assert told.count("forget") == 1
    share.finish()
    assert told[-1] == "end run"


def test_a_server_that_is_gone_is_not_asked_to_be_emptied(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "lock")
    share, told = share_of(check_of(OTHER.id, Unreachable("gone"), exclusive=True), turns=turns)
    with pytest.raises(Unreachable, match="gone"):
        share.prove(share.parts()[OTHER.id])
    assert (share.unreachable, turns.is_kept) == ("gone", True)
    share.empty()
    share.finish()
    assert not turns.is_kept
    assert not {"forget", "end run"} & set(told)
