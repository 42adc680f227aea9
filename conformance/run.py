"""A run of the suite: it proves checks one by one on a target and turns what they find into verdicts."""

import random
import shlex
import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis.errors import Flaky

from conformance.check import Check, Conditions, NotRepeatedError, Server
from conformance.clause import Clause, Evidence
from conformance.effort import USUAL, Effort
from conformance.exchange import Exchange
from conformance.history import abridged, told
from conformance.known_broken import KnownBroken
from conformance.service import Service
from conformance.target import Unreachable
from conformance.verdict import FAULTS, NOT_CHOSEN, Broken, Result, Unproven, Untestable, Verdict

DEFAULT_EVIDENCE: tuple[Evidence, ...] = ("documented", "implied")
MOST_CALLS = 60
PACKAGE = Path(__file__).parent
REMEDIED = "this one example does not break it (any more); without --replay more are tried"
UNSTEADY = "seen once, but not when the same was sent again"


@dataclass(frozen=True, slots=True)
class Replay:
    """One example of one check, to be tried again.

    Attributes:
        check: The name of the check.
        choices: What hypothesis chose for the example, encoded; empty where the check chooses nothing.
    """

    check: str
    choices: str

    def __str__(self) -> str:
        return f"{self.check}:{self.choices}" if self.choices else self.check


@dataclass(frozen=True)
class Options:
    """What a user may choose about a run.

    Attributes:
        examples: Hypothesis examples per check.
        effort: The size of the run, whose examples these are unless the user asked for others.
        seed: The seed of every random choice.
        evidence: The levels of evidence that may fail the run.
        chosen: The ids of the clauses to prove; None for all.
        command: The words that start the suite on the same server, for the `repeat` line.
        arguments: The words that follow all options there.
        replay: The one example to try again; None to try new ones.
        known: What the user knows to be broken.
        not_offered: The ids of the clauses on what the server does not offer, with the reason of each.
        bodies: The folder for bodies that are too long for a line; None to cut them.
    """

    examples: int = USUAL.examples
    seed: int = 0
    evidence: Sequence[Evidence] = DEFAULT_EVIDENCE
    effort: Effort = USUAL
    chosen: Collection[str] | None = None
    command: Sequence[str] = ("python", "-m", "conformance")
    arguments: Sequence[str] = ()
    replay: Replay | None = None
    known: KnownBroken = field(default_factory=KnownBroken)
    not_offered: Mapping[str, str] = field(default_factory=dict)
    bodies: Path | None = None


@dataclass(slots=True)
class _Findings:
    """What the checks of one clause have found so far."""

    proven: bool = False
    examples: int = 0
    seconds: float = 0.0
    faults: list[tuple[Broken, str]] = field(default_factory=list)
    unproven: list[Unproven] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


class Run:
    """The suite of one service on one server.

    Args:
        service: The service whose contract the server should keep.
        server: The service's driver on the server under test.
        options: What the user chose.
    """

    def __init__(self, service: Service, server: Server, options: Options) -> None:
        self.service = service
        self.options = options
        self.clauses: Mapping[str, Clause] = service.clauses()
        self.unreachable = ""
        self.interrupted = False
        self.is_ending = False
        self.examples_alone = options.examples
        self.baseline: str | None = None
        self._server = server
        self._findings = {clause_id: _Findings() for clause_id in self.clauses}

    def checks(self) -> list[Check]:
        """The checks that can say something of a chosen clause."""
        replay = self.options.replay
        return [
            check
            for check in self.service.checks()
            if any(map(self._is_chosen, check.clauses)) and (replay is None or check.name == replay.check)
        ]

    def begin(self) -> None:
        """Finds out whether the server can prove anything at all, once.

        Raises:
            Unreachable: The server takes no connection.
        """
        if self.baseline is not None:
            return
        try:
            self.baseline = self.service.baseline(self._server)
        except Unproven as reason:
            self.baseline = str(reason)
        except Unreachable as reason:
            self.unreachable = str(reason)
            raise

    def prove(self, check: Check, server: Server | None = None) -> None:
        """Runs one check and keeps what it finds; threads may prove several, each with a driver of its own.

        Args:
            check: The check.
            server: The driver; that of the run without it.

        Raises:
            Unreachable: The server takes no connection any more.
            KeyboardInterrupt: The user wants the run to end.
        """
        server = server or self._server
        server.target.heed = self._heed
        is_alone = self.service.counts(check) and not check.explores
        conditions = Conditions(
            self.examples_alone if is_alone else self.options.examples,
            self._seed_of(check),
            self._heed,
            self.options.effort.steps,
            (self.options.replay.choices or None) if self.options.replay else None,
        )
        try:
            self.begin()
            check.run(server, conditions)
        except Broken as fault:
            self._note_faults(check, [fault])
        except NotRepeatedError:
            self._note_remedy(check)
        except Unproven as reason:
            self._note(check, unproven=reason)
        except Unreachable as reason:
            self.unreachable = str(reason)
            raise
        except Untestable as reason:
            self._note(check, error=str(reason))
        except Exception as error:  # noqa: BLE001  # a fault of the suite's own must cost one verdict, not the run
            faults = _faults_in(error)
            if faults:
                self._note_faults(check, faults, UNSTEADY if isinstance(error, Flaky) else "")
            else:
                self._note(check, error=_in_one_line(error))
        else:
            self._note(check, remarks=server.remarks)
        finally:
            server.remarks.clear()
            self._end_check(server)
        # A wish that came where nobody could heed it is heeded before the next check.
        self._heed()

    def finish(self) -> None:
        """Removes from the server what the run has left there; an interruption does not keep it from that."""
        self.is_ending = True
        self.clean_up(self._server)

    def clean_up(self, server: Server) -> None:
        """Removes from the server what a driver has left there."""
        server.target.heed = lambda: None
        if not self.unreachable:
            server.end_run()

    def faults(self) -> dict[str, Broken]:
        """The fault that is told of each clause that has one, by the clause's id."""
        return {
            clause_id: found.faults[0][0]
            for clause_id, found in self._findings.items()
            if found.faults and self.plain_result(clause_id).verdict in FAULTS
        }

    def results(self) -> list[Result]:
        """The verdict on every clause, in the order of the contract."""
        return [self.result(clause_id) for clause_id in self.clauses]

    def result(self, clause_id: str) -> Result:
        """The verdict on one clause so far, with what the user knows of it."""
        result = self.plain_result(clause_id)
        # One example that does not fail is no proof that nothing does.
        is_one_example = self.options.replay is not None and result.verdict is Verdict.KEPT
        result = result if is_one_example else self.options.known.judged(result)
        return replace(result, seconds=self._findings[clause_id].seconds)

    def plain_result(self, clause_id: str) -> Result:
        """The verdict on one clause so far, whatever the user knows of it."""
        clause, found = self.clauses[clause_id], self._findings[clause_id]
        if clause_id in self.options.not_offered:
            return Result(
                clause, Verdict.SKIPPED, detail=f"not offered: {self.options.not_offered[clause_id]}"
            )
        if not self._is_chosen(clause_id):
            return Result(clause, Verdict.SKIPPED, detail=NOT_CHOSEN)
        basis = self._broken_basis(clause_id)
        if basis and not found.errors:
            return Result(clause, Verdict.UNPROVEN, found.examples, _dependence(basis))
        if found.faults:
            fault, remark = found.faults[0]
            return Result(
                clause,
                self._verdict_of_a_fault(clause),
                found.examples,
                detail=remark,
                sent=self._sent(clause_id, fault),
                expected=fault.expected,
                got=fault.got,
                repeat=self._repeat(clause_id, fault),
                calls=tuple(abridged(list(told(fault.calls)), MOST_CALLS)),
            )
        if found.errors:
            return Result(
                clause, Verdict.ERROR, found.examples, found.errors[0], repeat=self._repeat(clause_id)
            )
        if found.unproven:
            return Result(clause, Verdict.UNPROVEN, found.examples, self._reason(found.unproven[0]))
        if not found.proven:
            return Result(clause, Verdict.UNPROVEN, detail=self.unreachable or "the run ended before")
        if self.baseline:
            return Result(clause, Verdict.UNPROVEN, found.examples, self.baseline)
        return Result(clause, Verdict.KEPT, found.examples, "; ".join(dict.fromkeys(found.remarks)))

    def _reason(self, unproven: Unproven) -> str:
        """Why nothing is proven: because of the clause that speaks of what is absent, if that is broken."""
        is_broken = unproven.basis in self._findings and self._does_not_hold(unproven.basis)
        return f"{_dependence(unproven.basis)}: {unproven}" if is_broken else str(unproven)

    def _does_not_hold(self, clause_id: str) -> bool:
        return bool(self._findings[clause_id].faults) and self._is_chosen(clause_id)

    def body_file(self, clause_id: str, fault: Broken) -> Path | None:
        """Where the body is that the command of a fault sends, if it is too long for a line."""
        is_long = isinstance(fault.exchange, Exchange) and fault.exchange.is_long()
        return self.options.bodies / f"{clause_id}.body" if self.options.bodies and is_long else None

    def _sent(self, clause_id: str, fault: Broken) -> str:
        if isinstance(fault.exchange, Exchange):
            return fault.exchange.curl(str(self.body_file(clause_id, fault) or ""))
        return fault.exchange.curl() if fault.exchange else ""

    def _broken_basis(self, clause_id: str) -> str:
        """The deepest clause found broken of those that this one depends on, themselves or through others."""
        for basis in self.clauses[clause_id].depends_on:
            if deeper := self._broken_basis(basis):
                return deeper
            if self._does_not_hold(basis):
                return basis
        return ""

    def _heed(self) -> None:
        if self.is_ending:
            return
        if self.interrupted:
            raise KeyboardInterrupt
        if self.unreachable:
            # Another worker has found it gone.
            raise Unreachable(self.unreachable)

    def _end_check(self, server: Server) -> None:
        if self.unreachable:
            return
        try:
            server.end_check()
        except Unreachable as reason:
            self.unreachable = str(reason)
            raise

    def _is_chosen(self, clause_id: str) -> bool:
        is_left_out = self.options.chosen is not None and clause_id not in self.options.chosen
        return not is_left_out and clause_id not in self.options.not_offered

    def _verdict_of_a_fault(self, clause: Clause) -> Verdict:
        if clause.evidence not in self.options.evidence:
            return Verdict.NOTED
        return Verdict.BROKEN if clause.force == "must" else Verdict.ADVICE

    def _seed_of(self, check: Check) -> int:
        """A seed that depends on the run's seed and the check alone, so `--only` repeats the same choices."""
        return random.Random(f"{self.options.seed}:{check.name}").getrandbits(64)

    def _repeat(self, clause_id: str, fault: Broken | None = None) -> str:
        words = [*self.options.command, "--only", clause_id, "--seed", str(self.options.seed)]
        if self.options.effort.option:
            words.append(self.options.effort.option)
        if self.options.examples != self.options.effort.examples:
            words += ["--examples", str(self.options.examples)]
        if tuple(self.options.evidence) != DEFAULT_EVIDENCE:
            words += ["--evidence", ",".join(self.options.evidence)]
        if fault and fault.check:
            words += ["--replay", str(Replay(fault.check, fault.choices))]
        return shlex.join([*words, *self.options.arguments])

    def _note(
        self, check: Check, *, unproven: Unproven | None = None, error: str = "", remarks: Sequence[str] = ()
    ) -> None:
        if check.explores and not error:
            return
        for clause_id in check.clauses[:1]:
            found = self._findings[clause_id]
            found.examples += check.examples
            found.seconds += check.seconds
            if error:
                found.errors.append(error)
            elif unproven:
                found.unproven.append(unproven)
            else:
                found.proven = True
                found.remarks += remarks

    def _note_remedy(self, check: Check) -> None:
        """Takes note of an example that once broke a clause and, tried again, does not."""
        for clause_id in filter(self._is_chosen, check.clauses):
            found = self._findings[clause_id]
            found.examples += check.examples
            found.seconds += check.seconds
            found.proven = True
            found.remarks.append(REMEDIED)

    def _note_faults(self, check: Check, faults: Sequence[Broken], remark: str = "") -> None:
        for fault in faults:
            found = self._findings[fault.clause_id or check.clauses[0]]
            found.examples += check.examples
            found.seconds += check.seconds
            found.faults.append((fault, remark))


def _dependence(basis: str) -> str:
    return f"depends on {basis}, which does not hold"


def _faults_in(error: BaseException) -> list[Broken]:
    """The faults among the leaves of an exception group."""
    if isinstance(error, BaseExceptionGroup):
        return [fault for inner in error.exceptions for fault in _faults_in(inner)]
    return [error] if isinstance(error, Broken) else []


def _in_one_line(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)]
    place = (own or frames)[-1]
    said = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {said} ({Path(place.filename).name}:{place.lineno})"
