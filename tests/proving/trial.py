"""A trial is a run of the suite on one mutant or on a pair of them; its outcome says what the suite named."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pytest

from conformance.effort import USUAL
from conformance.verdict import Verdict
from tests.mutants import MUTANTS, Mutant
from tests.proving.suite import Proof, prove

BY_NAME: Mapping[str, Mutant] = {str(mutant): mutant for mutant in MUTANTS}

Kill = Literal["own", "other", "survived"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A question to the suite.

    Attributes:
        service: The service whose mock is changed.
        mutants: The names of the mutants it is made of: one, or two for a pair.
        seed: The seed of the run.
        examples: Hypothesis examples per check.
        whole: Whether all checks are run, to see who else cries out, or those of the broken clauses alone.
    """

    service: str
    mutants: tuple[str, ...]
    seed: int
    examples: int = USUAL.examples
    whole: bool = False

    @property
    def clauses(self) -> list[str]:
        """The ids of the clauses that the mutants break."""
        return [BY_NAME[name].clause for name in self.mutants]

    def run(self) -> "Outcome":
        """Runs the suite, and all of it where the checks of the broken clauses alone have named none."""
        begun = time.monotonic()
        with pytest.MonkeyPatch.context() as patch:
            for name in self.mutants:
                BY_NAME[name].change(patch)
            if self.whole:
                proof = self._prove()
            else:
                proof = self._prove(chosen=self.clauses, until=self.clauses)
                if not proof.named:
                    proof = self._prove(until=self.clauses)
        verdicts = {clause: result.verdict for clause, result in proof.results.items()}
        return Outcome(
            self,
            {clause: proof.requests[clause] for clause in proof.named},
            {
                clause: f"{verdicts[clause]}: {proof.results[clause].detail}".rstrip(": ")
                for clause in self.clauses
                if clause not in proof.named
            },
            [clause for clause, verdict in verdicts.items() if verdict is Verdict.ERROR],
            round(time.monotonic() - begun, 2),
        )

    def _prove(self, **narrowed: Any) -> Proof:
        return prove(self.service, seed=self.seed, examples=self.examples, **narrowed)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the suite said.

    Attributes:
        trial: The question.
        named: The ids of the clauses found broken, each with the requests sent until then.
        missed: The broken clauses that were not named, each with the verdict it got and the reason.
        errors: The ids of the clauses at which the suite itself failed.
        seconds: How long it took.
    """

    trial: Trial
    named: Mapping[str, int]
    missed: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def kill(self) -> Kill:
        """Who caught a single mutant: its own clause, another one, or none."""
        if not self.missed:
            return "own"
        return "other" if self.named else "survived"

    @property
    def others(self) -> list[str]:
        """The ids of the clauses named besides those that are broken."""
        return [clause for clause in self.named if clause not in self.trial.clauses]

    @property
    def both_are_told(self) -> bool:
        """Whether each clause of a pair is named, or unproven because it depends on the other."""
        one, other = self.trial.clauses
        return all(
            f"depends on {basis}," in self.missed.get(clause, f"depends on {basis},")
            for clause, basis in ((one, other), (other, one))
        )

    def record(self) -> dict[str, Any]:
        """The outcome as a JSON value."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Outcome":
        """The outcome that was written down as a JSON value."""
        asked = {**record["trial"], "mutants": tuple(record["trial"]["mutants"])}
        return cls(**{**record, "trial": Trial(**asked)})


def pairs(mutants: Sequence[Mutant], count: int, seed: int = 0) -> list[tuple[Mutant, Mutant]]:
    """Draws pairs of mutants of different clauses, no pair twice; the same ones for the same seed."""
    choice = random.Random(seed)
    drawn: dict[frozenset[str], tuple[Mutant, Mutant]] = {}
    while len(drawn) < count:
        one, other = choice.sample(mutants, 2)
        if one.clause != other.clause:
            drawn.setdefault(frozenset((str(one), str(other))), (one, other))
    return list(drawn.values())
