"""Rows about uploads to Cortex, as documents and as a matrix: rates, what waits beside them, refusals."""

import time

from bench import wrk
from bench.figures import Result, at_most
from bench.rows.loads import CONNECTIONS, FEW, compare, interleaved
from bench.rows.waits import BAD_NUMBERS, waits_beside
from bench.run import ROOM, Run, SkippedError, Spell, contenders, create_tenant, row
from bench.server import KEY, fallback, floor, mock
from bench.uploads import DOCUMENTS, MATRIX, documents, matrix, spoiled

STATUSES = {documents: (DOCUMENTS, 422), matrix: (MATRIX, 400)}
"""Where an upload of each form goes, and the status of its refusals."""
SERVICE = "cortex"


@row("cortex-documents-16mb", "upload of 1,000 x 768 to Cortex in 100 documents, 16 MB, 2 connections")
def documents_16mb(run: Run) -> Result:
    """Uploads a thousand vectors of 64-bit numbers as chunks of documents."""
    return _batches(run, documents, DOCUMENTS, short=False, goal=1.15)


@row("cortex-documents-9mb", "upload of 1,000 x 768 to Cortex in 100 documents, 9.5 MB, 2 connections")
def documents_9mb(run: Run) -> Result:
    """Uploads a thousand vectors of 32-bit numbers as chunks of documents."""
    return _batches(run, documents, DOCUMENTS, short=True, goal=1.5)


@row("cortex-matrix-16mb", "upload of 1,000 x 768 to Cortex as a matrix, 16 MB, 2 connections")
def matrix_16mb(run: Run) -> Result:
    """Uploads a thousand vectors of 64-bit numbers as the rows of a file."""
    return _batches(run, matrix, MATRIX, short=False, goal=1.15)


@row("cortex-matrix-9mb", "upload of 1,000 x 768 to Cortex as a matrix, 9.5 MB, 2 connections")
def matrix_9mb(run: Run) -> Result:
    """Uploads a thousand vectors of 32-bit numbers as the rows of a file."""
    return _batches(run, matrix, MATRIX, short=True, goal=1.5)


@row("cortex-one-vector", "upload of one vector of 768 numbers in 9.5 KB to Cortex, 16 connections")
def one_vector(run: Run) -> Result:
    """Uploads single vectors of 32-bit numbers as documents of one chunk."""
    bodies = run.bodies(64, 1, short=True, spell=documents)
    commands = {"mock": mock(*ROOM, service=SERVICE), "drain": floor("drain"), "decode": floor("decode")}
    with contenders(create_tenant, **commands) as servers:
        result = interleaved(run, servers, DOCUMENTS, CONNECTIONS, bodies, KEY)
    result.ratio("mock", "drain", None, "mock / bare Starlette that drains the body")
    result.ratio("mock", "decode", None, "mock / bare Starlette with orjson.loads")
    return result


@row("cortex-busy", "GET /tenants/tenant_ids while two connections upload 16 MB of documents each")
def busy(run: Run) -> Result:
    """Asks for the tenants every few milliseconds while wrk uploads."""
    if not wrk.is_installed():
        raise SkippedError(wrk.MISSING)
    bodies = run.bodies(1, 1_000, spell=documents)
    order = wrk.Order(DOCUMENTS, FEW, 2 * run.seconds, bodies, KEY)
    with contenders(create_tenant, mock=mock(*ROOM, service=SERVICE), decode=floor("decode")) as servers:
        return waits_beside(run, servers, order, "/tenants/tenant_ids")


@row("cortex-refusal", "refused upload of 1,000 x 768 to Cortex with one bad number at the end")
def refusal(run: Run) -> Result:
    """Uploads both forms, and the same with their last number spoiled in each way."""
    result = Result("ms")
    with contenders(create_tenant, mock=mock(*ROOM, service=SERVICE)) as servers:
        connection = servers["mock"].connect()
        for spell, (path, refused) in STATUSES.items():
            valid = spell(0)
            bodies = {"accepted": (200, valid)}
            bodies |= {name: (refused, spoiled(valid, instead)) for name, instead in BAD_NUMBERS.items()}
            for _ in range(2 * run.rounds):
                for name, (expected, upload) in bodies.items():
                    started = time.perf_counter()
                    status, answer = connection.ask("POST", path, upload)
                    result.add(f"{spell.__name__}, {name}", 1e3 * (time.perf_counter() - started))
                    if status != expected:
                        raise RuntimeError(f"{name}: {status} {answer[:200]!r}")
            for name in BAD_NUMBERS:
                one, other = f"{spell.__name__}, {name}", f"{spell.__name__}, accepted"
                result.ratio(one, other, at_most(3), f"{spell.__name__}: refused for {name} / accepted")
    return result


def _batches(run: Run, spell: Spell, path: str, *, short: bool, goal: float) -> Result:
    bodies = run.bodies(1, 1_000, short=short, spell=spell)
    commands = {
        "mock": mock(*ROOM, service=SERVICE),
        "decode": floor("decode"),
        "fallback": fallback(*ROOM, service=SERVICE),
    }
    with contenders(create_tenant, **commands) as servers:
        result = interleaved(run, servers, path, FEW, bodies, KEY)
    compare(result, "mock", "decode", goal, "mock / bare Starlette with orjson.loads")
    compare(result, "fallback", "decode", 0.7, "mock without its fast decoder / the same")
    return result
