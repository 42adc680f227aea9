"""Checks of the area matrix: the rows of an upload and what goes with them, as they arrive."""

import math
import struct
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.arrival import respelled_integers
from conformance.client.driver import Client
from conformance.client.expectation import expect, expect_arrived, expect_nothing_sent, expect_sent
from conformance.client.reply import Reply
from conformance.cortex.client.scene import FILE, MATRIX, OPERATIONS, ROWS, TENANT, store_matrix, tenant
from conformance.cortex.payload import Matrix, file_ids, matrices

NON_FINITE = (math.nan, math.inf, -math.inf)
doubles = st.floats(-1e30, 1e30).filter(lambda number: number != 0 or math.copysign(1, number) > 0)
free = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
).filter(lambda value: value is not None)
metadata = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda key: key != "file_id"), free, max_size=3
)


@proves("cortex.client.matrix.rows")
@given(rows=matrices(3, max_rows=20))
def every_row_arrives_in_order(client: Client, rows: Matrix) -> None:
    """Equal as the service stores it."""
    reply = _upload(client, rows, dimension=3)
    came = _embeddings(reply)
    stored = [[_single(number) for number in row] for row in rows]
    expect_arrived(stored, [[_single(number) for number in row] for row in came], reply)


@proves("cortex.client.matrix.numbers")
@given(numbers=st.lists(doubles, min_size=1, max_size=12))
def every_number_arrives_exactly(client: Client, numbers: list[float]) -> None:
    """Rounding it is the service's to do."""
    reply = _upload(client, [numbers], dimension=len(numbers))
    expect_arrived({"embeddings": [numbers]}, expect_sent(reply, MATRIX)[0].value, reply, more=True)


@proves("cortex.client.matrix.integers")
@given(numbers=st.lists(st.integers(-1_000_000, 1_000_000), min_size=1, max_size=6))
def an_integer_arrives_as_one(client: Client, numbers: list[int]) -> None:
    """Without a fraction or an exponent."""
    reply = _upload(client, [numbers], dimension=len(numbers))
    wrong = next(respelled_integers({"embeddings": [numbers]}, expect_sent(reply, MATRIX)[0].spelled), "")
    expect(not wrong, "integers as integers", reply, wrong)


@proves("cortex.client.matrix.non-finite")
@given(number=st.sampled_from(NON_FINITE), row=st.integers(0, 1), column=st.integers(0, 1))
def a_number_that_json_has_not_is_an_error(client: Client, number: float, row: int, column: int) -> None:
    """Nor is it turned into something else on the way."""
    rows = [list(each) for each in ROWS]
    rows[row][column] = number
    expect_nothing_sent(_upload(client, rows))


@proves("cortex.client.matrix.file-id")
@given(file_id=file_ids, document_metadata=metadata, tenant_metadata=metadata)
def what_goes_with_a_matrix_arrives(
    client: Client, file_id: str, document_metadata: dict[str, Any], tenant_metadata: dict[str, Any]
) -> None:
    """As the caller gave it."""
    beside: dict[str, Any] = {
        "file_id": file_id,
        "document_metadata": document_metadata,
        "tenant_metadata": tenant_metadata,
    }
    reply = _upload(client, ROWS, **beside)
    expect_arrived(beside, expect_sent(reply, MATRIX)[0].value, reply, more=True)


@proves("cortex.client.matrix.updates")
@given(first=st.lists(doubles, min_size=2, max_size=2), second=st.lists(doubles, min_size=2, max_size=2))
def an_update_arrives_under_its_chunk_ids(client: Client, first: list[float], second: list[float]) -> None:
    """Each vector under its own."""
    tenant(client)
    ids = store_matrix(client, ROWS, FILE)
    embeddings = dict(zip(ids, (first, second), strict=True))
    reply = client.ask("updateEmbeddings", {"tenant_id": TENANT, "embeddings": embeddings})
    heard = expect_sent(reply, OPERATIONS["updateEmbeddings"])[0]
    expect_arrived({"embeddings": embeddings}, heard.value, reply, more=True)


def _upload(client: Client, rows: Matrix, dimension: int = 2, **beside: Any) -> Reply:
    tenant(client, dimension)
    return client.ask("uploadEmbeddings", {"tenant_id": TENANT, "embeddings": rows, **beside})


def _embeddings(reply: Reply) -> list[list[Any]]:
    value = expect_sent(reply, MATRIX)[0].value
    rows = value.get("embeddings") if isinstance(value, dict) else None
    return [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []


def _single(number: Any) -> Any:
    """A number as a 32-bit float has it; what is no such number stays."""
    try:
        [rounded] = struct.unpack("f", struct.pack("f", number))
    except (OverflowError, struct.error):
        return number
    return float(rounded)
