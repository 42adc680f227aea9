"""What a service sees in the traffic of a foreign server: the exchanges that pass by, and what they break.

A witness knows one world of its service by its traffic alone. It is told of each request when it is on its
way and of each answer when it is whole; moments count these events, so that it knows which exchanges
overlapped and rests no judgement on what may have changed meanwhile.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from mock_server.contract import Clause
from mock_server.description import Described
from mock_server.service import Call

Side = Literal["client", "server"]


class NoJson:
    """Stands for the value of a body that is no JSON."""

    def __repr__(self) -> str:
        return "no JSON"


NO_JSON = NoJson()


@dataclass(frozen=True, slots=True)
class Passage:
    """One exchange that passed by whole.

    `operation` is its operationId in the service's openapi.json. `answer` is the JSON value of the body, or
    `NO_JSON`. `began` and `ended` are the moments at which the request was whole and the answer was.
    """

    operation: str
    call: Call
    status: int
    answer: Any
    began: int
    ended: int

    @property
    def succeeded(self) -> bool:
        """Whether the answer has a 2xx status."""
        return 200 <= self.status < 300

    @property
    def body(self) -> Mapping[str, Any]:
        """The answer as a JSON object; empty where it is anything else."""
        return self.answer if isinstance(self.answer, dict) else {}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a request: the clause that has it refused, and the fault in words.

    The clause is empty where the mock would refuse what no documentation says is refused.
    """

    clause: str
    detail: str


@dataclass(frozen=True, slots=True)
class Breach:
    """A clause that an exchange breaks: by which side, and how."""

    side: Side
    clause: str
    detail: str


class Witness(Protocol):
    """Judges one world's exchanges with a service, from what was seen of them before."""

    def sent(self, operation: str, call: Call, moment: int, /) -> None:
        """Takes note of a request that is about to reach the server whole."""

    def judge(self, passage: Passage, described: Described, /) -> Sequence[Breach]:
        """Says what an exchange breaks, and remembers what it tells."""


REFUSED_OTHERWISE = (400, 422)
"""The statuses that a server gives in place of another for what is wrong in a request itself."""


def answers_to_faults(
    passage: Passage, faults: Sequence[Fault], clauses: Mapping[str, Clause]
) -> Iterator[Breach]:
    """Says whether a request is accepted that is to be refused, or is refused in another way.

    Of several faults any may be the one that is answered: which of them comes first is nowhere documented.
    """
    for fault in faults:
        statuses = clauses[fault.clause].statuses if fault.clause else frozenset[int]()
        if not statuses or passage.status in statuses:
            continue
        documented = " or ".join(map(str, sorted(statuses)))
        if passage.succeeded:
            detail = f"accepted with {passage.status}, documented: {documented}: {fault.detail}"
            yield Breach("server", fault.clause, detail)
        elif len(faults) == 1 and passage.status in REFUSED_OTHERWISE:
            detail = f"refused with {passage.status}, documented: {documented}: {fault.detail}"
            yield Breach("server", fault.clause, detail)


def is_documented_refusal(faults: Sequence[Fault], clauses: Mapping[str, Clause]) -> bool:
    """Tells whether a refusal, if it is one for these faults, is among those that are documented."""
    return all(fault.clause and clauses[fault.clause].evidence != "assumed" for fault in faults)
