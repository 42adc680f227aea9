"""The row about peers: the same upload, at other servers."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench import wrk
from bench.figures import Result, at_least
from bench.machine import on_one_core
from bench.peers import mockoon, moto, prism, wiremock
from bench.peers.peer import Peer, free_port, running
from bench.run import Run, SkippedError, create, roomy_mock, row
from bench.server import Served, serving
from bench.uploads import VECTORS

PEERS: tuple[Peer, ...] = (prism.PEER, *wiremock.PEERS, mockoon.PEER, moto.PEER)
"""Every peer there is."""
NO_HEADERS: Mapping[str, str] = {}
CONNECTIONS = {1: 16, 1_000: 2}
GOALS: Mapping[tuple[int, bool], float] = {(1, True): 5, (1, False): 2, (1_000, True): 8, (1_000, False): 1.2}
"""By the vectors of an upload and whether a peer looks at them: how much faster than the fastest such one."""


@row("peers-1", "upload of one vector in 9.5 KB, at peers of one core each, 16 connections")
def one_vector(run: Run) -> Result:
    """Uploads single vectors."""
    return _measured(run, 1)


@row("peers-1000", "upload of 1,000 x 768 in 9.5 MB, at peers of one core each, 2 connections")
def thousand_vectors(run: Run) -> Result:
    """Uploads a thousand vectors."""
    return _measured(run, 1_000)


def _measured(run: Run, size: int) -> Result:
    if not wrk.is_installed():
        raise SkippedError(wrk.MISSING)
    result = Result("requests/s")
    with ExitStack() as stack:
        with on_one_core():
            mock = stack.enter_context(serving("mock", roomy_mock()))
        create(mock)
        contenders: list[tuple[Served, wrk.Order]] = [
            (mock, _order(run, VECTORS, size, run.body(0, size, short=True)))
        ]
        for peer in PEERS:
            port = free_port()
            command = peer.command(run.folder, port)
            if command is None:
                result.notes.append(f"{peer.name} is not installed: {peer.install}")
                continue
            with on_one_core():
                served = stack.enter_context(running(peer, command, port))
            upload = run.folder / f"{peer.name}-{size}.json"
            upload.write_bytes(peer.body(size))
            contenders.append((served, _order(run, peer.path, size, upload, peer.headers)))
        if len(contenders) == 1:
            raise SkippedError("; ".join(result.notes))
        for _ in range(min(3, run.rounds)):
            for served, order in contenders:
                try:
                    result.add(served.name, wrk.drive(served.url, order, quiet=True).rate)
                except RuntimeError as error:
                    note = f"{served.name} refuses the upload ({error})"
                    result.notes += [] if note in result.notes else [note]
    _compare(result, size)
    return result


def _order(
    run: Run, path: str, size: int, upload: Path, headers: Mapping[str, str] = NO_HEADERS
) -> wrk.Order:
    seconds = run.seconds if size == 1 else 3 * run.seconds
    return wrk.Order(path, CONNECTIONS[size], seconds, [upload], headers)


def _compare(result: Result, size: int) -> None:
    """Compares the mock with the fastest peer that looks at the body, and with the fastest that does not."""
    for looks in (True, False):
        rates = {
            peer.name: median(result.samples[peer.name])
            for peer in PEERS
            if peer.looks is looks and peer.name in result.samples
        }
        fastest = max(rates, key=lambda name: rates[name], default=None)
        if fastest is not None and rates[fastest] > 0:
            kind = "looks" if looks else "does not look"
            label = f"mock / {fastest}, the fastest peer that {kind} at the body"
            result.ratio("mock", fastest, at_least(GOALS[size, looks]), label)
