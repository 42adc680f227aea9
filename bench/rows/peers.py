"""The rows about peers: the same upload at other servers, and a library that searches in the process."""

import time
from collections.abc import Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from statistics import median

from bench import wrk
from bench.figures import Result, at_least
from bench.machine import on_one_core
from bench.peers import mockoon, moto, prism, qdrant, wiremock
from bench.peers.peer import Peer, free_port, running
from bench.rows.storage import PAUSE, full_mock
from bench.run import STORED, Run, SkippedError, create, roomy_mock, row
from bench.server import Connection, Served, asking, serving
from bench.uploads import BATCH, DIMENSION, VECTORS, body, query, spoiled

PEERS: tuple[Peer, ...] = (*prism.PEERS, *wiremock.PEERS, mockoon.PEER, moto.PEER)
"""Every peer there is."""
CONNECTIONS = {1: 16, 1_000: 2}
GOALS: Mapping[tuple[int, bool], float] = {(1, True): 5, (1, False): 2, (1_000, True): 8, (1_000, False): 1.2}
"""By the vectors of an upload and whether a peer looks at them: how much faster than the fastest such one."""
BAD_NUMBERS = {"a string": b'"1.5"', "1e999": b"1e999"}
FRESH = ", just started"
WARMING = 30  # times that a server is driven, at most, until it counts as warmed up
PATIENCE, FASTER = 4, 1.05  # so many times in a row it is no faster by so much than ever before


@row("peers-1", "upload of one vector in 9.5 KB, at peers of one core each, 16 connections")
def one_vector(run: Run) -> Result:
    """Uploads single vectors."""
    return _measured(run, 1)


@row("peers-1000", "upload of 1,000 x 768 in 9.5 MB, at peers of one core each, 2 connections")
def thousand_vectors(run: Run) -> Result:
    """Uploads a thousand vectors."""
    return _measured(run, BATCH)


@row("peers-local", "upload of 1,000 x 768 and search among 100,000, beside a library in the process")
def local(run: Run) -> Result:
    """Asks the full mock by HTTP, and the library by a call, with vectors that are lists already."""
    command = qdrant.command(STORED, DIMENSION)
    if command is None:
        raise SkippedError(f"{qdrant.NAME} is not installed: {qdrant.INSTALL}")
    connection = full_mock(run).server.connect()
    result = Result("ms")
    asked = {"upload": (VECTORS, [body(0, short=True)]), "search": ("/search", [*map(query, range(8))])}
    with asking(command) as library:
        for place in range(2 * run.rounds):
            for what, (path, bodies) in asked.items():
                time.sleep(PAUSE)
                started = time.perf_counter()
                status, answer = connection.ask("POST", path, bodies[place % len(bodies)])
                result.add(f"mock, {what}", 1e3 * (time.perf_counter() - started))
                if status >= 300:
                    raise RuntimeError(f"{path}: {status} {answer[:200]!r}")
                result.add(f"{qdrant.NAME}, {what}", library(what))
    for what in asked:
        label = f"{qdrant.NAME} by a call / the mock by HTTP, {what}"
        result.ratio(f"{qdrant.NAME}, {what}", f"mock, {what}", None, label)
    return result


@dataclass(frozen=True, slots=True)
class Contender:
    """A server of the row, what is asked of it, and the peer it is; None for the mock."""

    name: str
    order: wrk.Order
    peer: Peer | None = None


def _measured(run: Run, size: int) -> Result:
    """Measures each contender in the first seconds after a start, in turn, and again warmed up."""
    if not wrk.is_installed():
        raise SkippedError(wrk.MISSING)
    result = Result("requests/s")
    contenders = _contenders(run, size, result)
    rounds, looking = min(3, run.rounds), set[str]()
    for _ in range(rounds):
        for each in contenders:
            with _started(run, each) as served:
                longer = replace(each.order, seconds=2 * each.order.seconds)
                _drive(result, each.name + FRESH, served, longer)
    with ExitStack() as stack:
        servers = [stack.enter_context(_started(run, each)) for each in contenders]
        for each, served in zip(contenders, servers, strict=True):
            if each.peer is not None and each.peer.looks:
                taken = [*taken_numbers(served.url, each.peer, size)]
                result.notes += [f"{each.name} takes {number} for a number" for number in taken]
                looking |= set() if "a string" in taken else {each.name}
            _warm(served, each.order)
        for _ in range(rounds):
            for each, served in zip(contenders, servers, strict=True):
                _drive(result, each.name, served, each.order)
    others = {each.name for each in contenders if each.peer is not None} - looking
    for phase in ("", FRESH):
        for looks, names in ((True, looking), (False, others)):
            compare(result, size, looks, names, phase)
    return result


def _contenders(run: Run, size: int, result: Result) -> list[Contender]:
    """Lists the mock and the peers there are; what others need is noted."""
    seconds = run.seconds * (1 if size == 1 else 2)
    order = wrk.Order(VECTORS, CONNECTIONS[size], seconds, [run.body(0, size, short=True)])
    contenders = [Contender("mock", order)]
    for peer in PEERS:
        if peer.command(run.folder, 0) is None:
            result.notes.append(f"{peer.name} is not installed: {peer.install}")
            continue
        upload = run.folder / f"{peer.name}-{size}.json"
        upload.write_bytes(peer.body(size))
        its = replace(order, path=peer.path, bodies=[upload], headers=peer.headers)
        contenders.append(Contender(peer.name, its, peer))
    if len(contenders) == 1:
        raise SkippedError("; ".join(result.notes))
    return contenders


@contextmanager
def _started(run: Run, contender: Contender) -> Iterator[Served]:
    """Runs a contender on one core for as long as the context lasts."""
    peer, port = contender.peer, free_port()
    with ExitStack() as stack:
        with on_one_core():
            if peer is None:
                served = stack.enter_context(serving(contender.name, roomy_mock()))
            else:
                served = stack.enter_context(running(peer, peer.command(run.folder, port) or (), port))
        if peer is None:
            create(served)
        yield served


def taken_numbers(url: str, peer: Peer, size: int) -> Iterator[str]:
    """Names the bad numbers that a peer accepts at the end of an upload."""
    valid = peer.body(size)
    connection = Connection(url)
    for name, number in BAD_NUMBERS.items():
        status, _ = connection.ask("POST", peer.path, spoiled(valid, number), peer.headers)
        if status < 300:
            yield name
    connection.close()


def _warm(served: Served, order: wrk.Order) -> None:
    """Drives a server until it gets no faster: some compile what they run while they run it."""
    best, since, drives = 0.0, 0, 0
    while since < PATIENCE and drives < WARMING:
        try:
            rate = wrk.drive(served.url, order, quiet=True).rate
        except RuntimeError:  # what it refuses is noted when it is measured
            return
        since = 0 if rate > FASTER * best else since + 1
        best, drives = max(best, rate), drives + 1


def _drive(result: Result, name: str, served: Served, order: wrk.Order) -> None:
    """Takes down the rate of a server, or why it has none."""
    try:
        load = wrk.drive(served.url, order, quiet=True)
    except RuntimeError as error:
        note = f"{served.name} refuses the upload ({error})"
        result.notes += [] if note in result.notes else [note]
    else:
        result.add(name, load.rate)


def compare(result: Result, size: int, looks: bool, names: Set[str], phase: str) -> None:
    """Compares the mock with the peers that look at the body, or do not; the goal is set by the fastest."""
    rates = {name: median(result.samples[name + phase]) for name in names if name + phase in result.samples}
    kind = "looks" if looks else "does not look"
    for place, name in enumerate(sorted(rates, key=lambda name: -rates[name])):
        which = f"the fastest peer that {kind}" if not place else f"which {kind}"
        goal = at_least(GOALS[size, looks]) if not place else None
        result.ratio(f"mock{phase}", f"{name}{phase}", goal, f"mock / {name}, {which} at the body{phase}")
