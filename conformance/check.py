"""A check is a function that proves one clause; decorators say which, and how it is run."""

import contextlib
import functools
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, Protocol

import hypothesis
from hypothesis.control import current_build_context
from hypothesis.core import decode_failure, encode_failure
from hypothesis.errors import DidNotReproduce, InvalidArgument
from hypothesis.internal.conjecture import engine
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from conformance.effort import USUAL
from conformance.exchange import Exchange
from conformance.target import Target, Unreachable
from conformance.verdict import Broken, Unproven

SHRINKING_SECONDS = 4
LONGEST_CHOICES = 8_000


class Server(Protocol):
    """What the suite needs of a service's driver, whatever the service is."""

    target: Target
    remarks: list[str]

    def begin_example(self) -> None:
        """Is called before each generated example."""

    def end_check(self) -> None:
        """Is called after each check: removes what the check has made on the server."""

    def end_run(self) -> None:
        """Is called once at the end, also when the run is interrupted: removes all that is left."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a check is run.

    Attributes:
        examples: Hypothesis examples per check.
        seed: The seed of this check's own random choices.
        heed: Is called before each example, and raises KeyboardInterrupt if the user wants the run to end.
        steps: The most calls in one random history.
        choices: What hypothesis chose for the one example to try again, encoded; None to try new ones.
    """

    examples: int
    seed: int
    heed: Callable[[], None] = lambda: None
    steps: int = USUAL.steps
    choices: str | None = None


class NotRepeatedError(Exception):
    """The example that was to be tried again did not fail."""


class Check:
    """One way to prove a clause.

    Attributes:
        name: The function's name, a fact.
        clauses: The ids of the clauses it proves or, when it explores, may find broken.
        exclusive: Whether it needs the whole server and so runs after all others.
        explores: Whether it only searches for faults: by passing it proves nothing.
        examples: How many examples its last run tried.
        seconds: How long that took.
    """

    def __init__(
        self, function: Callable[..., Any], clauses: tuple[str, ...], *, exclusive: bool, explores: bool
    ) -> None:
        self.name = function.__name__
        self.clauses = clauses
        self.exclusive = exclusive
        self.explores = explores
        self.examples = 0
        self.seconds = 0.0
        self._function = function
        self._faults: dict[str, Broken] = {}
        self._heed: Callable[[], None] = lambda: None

    def takes(self, choices: str) -> bool:
        """Whether an encoded example may be this check's; where none is generated it is the empty one."""
        if not (self.explores or hypothesis.is_hypothesis_test(self._function)):
            return not choices
        try:
            return bool(choices) and len(decode_failure(choices.encode())) > 0
        except (InvalidArgument, IndexError):
            return False

    def run(self, server: Server, conditions: Conditions) -> None:
        """Runs the check, once or with generated examples.

        Raises:
            Broken: The clause does not hold; the example is the smallest found.
            Unproven: The server lacks what the check needs.
            Unreachable: The server takes no connection.
            NotRepeatedError: The example that was to be tried again did not fail.
            hypothesis.errors.Flaky: A failure was seen that did not happen again.
        """
        self.examples = 0
        begun = time.monotonic()
        self._faults.clear()
        self._heed = conditions.heed
        settings = hypothesis.settings(
            max_examples=conditions.examples,
            stateful_step_count=conditions.steps,
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
            verbosity=hypothesis.Verbosity.quiet,
            # Only a history can find several clauses broken: elsewhere the first fault is enough.
            report_multiple_bugs=self.explores,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        try:
            with _bounded_shrinking():
                self._run(server, _decorator(conditions), settings)
        except (Unproven, Unreachable) as end:
            # The server gave way while a smaller example was looked for: what was seen before stands.
            if not self._faults:
                raise
            faults = list(self._faults.values())
            raise (faults[0] if len(faults) == 1 else ExceptionGroup("seen before", faults)) from end
        except DidNotReproduce as error:
            raise NotRepeatedError(str(error).splitlines()[0]) from error
        finally:
            self.seconds = time.monotonic() - begun

    def _run(self, server: Server, decorate: Callable[[Any], Any], settings: hypothesis.settings) -> None:
        if self.explores:
            run_state_machine_as_test(decorate(self._machine(server)), settings=settings)
        elif hypothesis.is_hypothesis_test(self._function):
            decorate(settings(self._counted(server)))(server)
        else:
            self._begin_example(server)
            try:
                self._function(server)
            except Broken as fault:
                self._note_fault(fault, server)
                raise

    def _machine(self, server: Server) -> type[RuleBasedStateMachine]:
        begin, note = self._begin_example, self._note_fault
        machine: type[RuleBasedStateMachine] = self._function(server)

        class Begun(machine):  # type: ignore[valid-type, misc]  # a class made for one run, of one that was too
            # Its own: the one that all machines share keeps every one of them as long as the process.
            _setup_state_per_class: ClassVar[dict[type, Any]] = {}

            def __init__(self) -> None:
                begin(server)
                super().__init__()

            def teardown(self) -> None:
                note(sys.exception(), server)
                super().teardown()

        return Begun

    def _counted(self, server: Server) -> Callable[..., Any]:
        """The hypothesis test anew: one that was run once takes no other settings."""
        handle = self._function.hypothesis  # type: ignore[attr-defined]  # hypothesis sets it on its tests, untyped
        inner = handle.inner_test

        @functools.wraps(inner)
        def counted(*given: Any, **drawn: Any) -> None:
            self._begin_example(server)
            try:
                inner(*given, **drawn)
            except Broken as fault:
                self._note_fault(fault, server)
                raise

        return hypothesis.given(**handle._given_kwargs)(counted)

    def _begin_example(self, server: Server) -> None:
        self._heed()
        self.examples += 1
        server.begin_example()
        server.target.history.begin()

    def _note_fault(self, error: BaseException | None, server: Server) -> None:
        """Remembers the last fault of each clause: the one that is tried last is the smallest."""
        if isinstance(error, Broken):
            error.check = self.name
            # What a client was asked is no exchange, and the suite's own calls then only steer the mock.
            if isinstance(error.exchange, Exchange):
                error.calls = server.target.history.calls()
            error.choices = _choices()
            self._faults[error.clause_id] = error


def _decorator(conditions: Conditions) -> Callable[[Any], Any]:
    """What makes hypothesis try the examples of a seed, or one example again."""
    if conditions.choices is None:
        return hypothesis.seed(conditions.seed)
    return hypothesis.reproduce_failure(hypothesis.__version__, conditions.choices.encode())


def _choices() -> str:
    """What hypothesis has chosen for the example being tried; empty if nothing, or too much for a line."""
    try:
        data = current_build_context().data
    except InvalidArgument:
        return ""
    encoded = encode_failure(data.choices).decode()
    return encoded if len(encoded) <= LONGEST_CHOICES else ""


class _Bound:
    """How many checks are running whose shrinking is bounded, and hypothesis's own bound meanwhile."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running = 0
        self.usual = 0


_BOUND = _Bound()


@contextlib.contextmanager
def _bounded_shrinking() -> Iterator[None]:
    """Lets hypothesis look for a smaller failure for a few seconds only.

    Its own bound is five minutes and no setting: a suite that asks a real server would seem to hang.
    """
    with _BOUND.lock:
        if not _BOUND.running:
            _BOUND.usual, engine.MAX_SHRINKING_SECONDS = engine.MAX_SHRINKING_SECONDS, SHRINKING_SECONDS
        _BOUND.running += 1
    try:
        yield
    finally:
        with _BOUND.lock:
            _BOUND.running -= 1
            if not _BOUND.running:
                engine.MAX_SHRINKING_SECONDS = _BOUND.usual


def proves(clause: str, *, exclusive: bool = False) -> Callable[[Callable[..., None]], Check]:
    """Declares that a function proves a clause: it takes the service's driver, then what hypothesis draws."""

    def decorate(function: Callable[..., None]) -> Check:
        return Check(function, (clause,), exclusive=exclusive, explores=False)

    return decorate


def explores(*clauses: str) -> Callable[[Callable[..., Any]], Check]:
    """Declares that a function answers, for a driver, a state machine that may find these clauses broken."""

    def decorate(function: Callable[..., Any]) -> Check:
        return Check(function, clauses, exclusive=False, explores=True)

    return decorate


def checks_of(module: ModuleType) -> Iterator[Check]:
    """Yields the checks a module defines, in its order."""
    return (value for value in vars(module).values() if isinstance(value, Check))
