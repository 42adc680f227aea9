"""Judges what passes by: finds the operation, asks its service's witness, and keeps to what is documented."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from urllib.parse import parse_qs

from mock_server.contract import contract
from mock_server.cortex.witness import CortexWitness
from mock_server.description import Described, description
from mock_server.moorcheh.witness import MoorchehWitness
from mock_server.payload import decode
from mock_server.proxy.exchange import Exchange, Headers, decoded
from mock_server.sameness import has_repeated_keys
from mock_server.service import Call
from mock_server.session import DEFAULT
from mock_server.witness import NO_JSON, Breach, Passage, Side, Witness

WITNESSES: Mapping[str, Callable[[bool], Witness]] = {"moorcheh": MoorchehWitness, "cortex": CortexWitness}
"""Every service there is, with what makes a witness of one of its worlds."""
SESSION = "/_session/"
ADMIN = "/_mock"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause that one exchange breaks, and by which side."""

    number: int
    side: Side
    clause: str
    evidence: str
    force: str
    method: str
    path: str
    detail: str

    @property
    def fails(self) -> bool:
        """Whether it is a clause that must be kept."""
        return self.force == "must"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of an exchange: its service and operation, if a contract has one, and what it breaks.

    `unjudged` says why nothing is said; empty if it was judged.
    """

    service: str = ""
    operation: str = ""
    session: str = DEFAULT
    findings: Sequence[Finding] = ()
    unjudged: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a request belongs: its service, its world there, the operation and the call."""

    service: str
    session: str
    operation: Described
    call: Call


class Judge:
    """Judges exchanges in the order in which they end.

    Args:
        services: The names of the services whose contracts hold.
        evidence: The levels of evidence at which a clause counts.
        alone: Whether all that changes the server passes by here.
    """

    def __init__(self, services: Sequence[str], evidence: Sequence[str], alone: bool = True) -> None:
        self._services = services
        self._evidence = frozenset(evidence)
        self._alone = alone
        self._witnesses: dict[tuple[str, str], Witness] = {}
        self._moments = count(1)
        self._began: dict[int, int] = {}

    def sent(self, exchange: Exchange) -> None:
        """Takes note that a request is about to reach the server whole."""
        moment = self._began[exchange.number] = next(self._moments)
        place = self._place(exchange)
        if isinstance(place, _Place):
            self._witness(place).sent(place.operation.id, place.call, moment)
        else:
            self._forget_steered(exchange)

    def judge(self, exchange: Exchange) -> Judgement:
        """Says what an exchange that is over breaks."""
        began = self._began.pop(exchange.number, None)
        place = self._place(exchange)
        if not isinstance(place, _Place):
            self._forget_steered(exchange)
            return Judgement(unjudged=place)
        findings, reason = self._findings(exchange, place, began)
        return Judgement(place.service, place.operation.id, place.session, findings, reason)

    def _findings(
        self, exchange: Exchange, place: _Place, began: int | None
    ) -> tuple[Sequence[Finding], str]:
        """Answers what an exchange breaks, and why it is not judged if it is not."""
        reason = _why_unjudged(exchange, began)
        octets = decoded(exchange.answered.octets, exchange.answer_headers)
        if reason or began is None or exchange.status is None:
            return [], reason
        if octets is None:
            return [], "the answer is in an encoding that is not known here, or does not fit"
        passage = Passage(
            operation=place.operation.id,
            call=place.call,
            status=exchange.status,
            answer=_value(octets),
            began=began,
            ended=next(self._moments),
        )
        breaches = self._witness(place).judge(passage, place.operation)
        if breaches and (has_repeated_keys(place.call.body) or has_repeated_keys(octets)):
            return [], "an object has a key twice, and readers differ over such"
        found = (self._finding(exchange, place, breach) for breach in breaches)
        return [each for each in found if each.evidence in self._evidence], ""

    def _finding(self, exchange: Exchange, place: _Place, breach: Breach) -> Finding:
        clause = contract(place.service)[breach.clause]
        return Finding(
            number=exchange.number,
            side=breach.side,
            clause=clause.id,
            evidence=clause.evidence,
            force=clause.force,
            method=exchange.method,
            path=exchange.target.partition("?")[0],
            detail=breach.detail,
        )

    def _place(self, exchange: Exchange) -> _Place | str:
        """Finds where a request belongs, or says why it belongs nowhere."""
        path, _, query = exchange.target.partition("?")
        session, path = _parted(path)
        for service in self._services:
            found = description(service).find(exchange.method, path)
            if found is not None:
                operation, parameters = found
                if any(map(_is_odd, parameters.values())):
                    return "the path holds what servers read differently"
                call = Call(
                    exchange.method,
                    path,
                    parameters,
                    exchange.sent.octets,
                    parse_qs(query, keep_blank_values=True),
                    _by_name(exchange.headers),
                )
                return _Place(service, session, operation, call)
        return "no contract has this operation"

    def _witness(self, place: _Place) -> Witness:
        key = (place.service, place.session)
        if key not in self._witnesses:
            self._witnesses[key] = WITNESSES[place.service](self._alone)
        return self._witnesses[key]

    def _forget_steered(self, exchange: Exchange) -> None:
        """Forgets a world of the mock that is steered past its API: reset, restored, its clock moved."""
        session, path = _parted(exchange.target.partition("?")[0])
        if path.startswith(ADMIN) and exchange.method != "GET":
            for service in self._services:
                self._witnesses.pop((service, session), None)


def _parted(path: str) -> tuple[str, str]:
    """Parts a path into the session that the mock reads in it, and the rest."""
    if not path.startswith(SESSION):
        return DEFAULT, path
    session, slash, rest = path.removeprefix(SESSION).partition("/")
    return session, slash + rest


def _why_unjudged(exchange: Exchange, began: int | None) -> str:
    if exchange.failure:
        return exchange.failure
    if began is None or not exchange.sent.ended:
        return "the answer came before the request was whole"
    if not exchange.sent.whole or not exchange.answered.whole:
        return "a body is too large to be judged"
    if any(name.lower() == b"content-encoding" for name, _ in exchange.headers):
        return "the request is in an encoding of its own"
    return ""


def _by_name(headers: Headers) -> Mapping[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _value(octets: bytes) -> object:
    try:
        return decode(octets.removeprefix(BOM))
    except ValueError:
        return NO_JSON


def _is_odd(parameter: str) -> bool:
    """Tells whether a part of a path is one that servers and what stands before them may read differently."""
    return "/" in parameter or "\\" in parameter or parameter in (".", "..") or not parameter.isprintable()
