"""Checks of the area finding: what a search asks for, and what it finds."""

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.driver import Client
from conformance.client.expectation import accepted, expect_arrived, expect_result, expect_sent
from conformance.cortex.client.matrix import doubles
from conformance.cortex.client.scene import (
    OPERATIONS,
    ROWS,
    SOURCES,
    TENANT,
    store_documents,
    store_matrix,
    tenant,
)

SEARCH, FIND = OPERATIONS["searchEmbeddings"], OPERATIONS["searchRawEmbeddings"]
FILTERS = (
    'metadata["team"] == "ai"',
    "source_id in [\"s0\", 'é']",
    'not (metadata["n"] >= 1.5) && chunk_id like "a%"',
)
FIELDS: tuple[list[str], ...] = (["embedding"], ["embedding", "metadata"], [])


@proves("cortex.client.finding.query")
@given(
    numbers=st.lists(doubles, min_size=1, max_size=6),
    limit=st.integers(1, 1000),
    filter_expr=st.sampled_from(FILTERS),
    output_fields=st.sampled_from(FIELDS),
)
def a_search_arrives_as_it_was_asked(
    client: Client, numbers: list[float], limit: int, filter_expr: str, output_fields: list[str]
) -> None:
    """Quotes, signs and all."""
    asked = {
        "tenant_id": tenant(client, len(numbers)),
        "query_embedding": numbers,
        "limit": limit,
        "filter_expr": filter_expr,
        "output_fields": output_fields,
    }
    reply = client.ask("searchRawEmbeddings", asked)
    expect_arrived(asked, expect_sent(reply, FIND)[0].value, reply, more=True)


@proves("cortex.client.finding.hits")
def hits_reach_the_caller_in_order(client: Client) -> None:
    """Whether or not they have vectors."""
    tenant(client)
    store_documents(client, SOURCES)
    for fields in FIELDS:
        asked = {"tenant_id": TENANT, "query_embedding": [1.0, 0.25], "output_fields": fields}
        reply = client.ask("searchRawEmbeddings", asked)
        expect_result(reply)
        expect_arrived(accepted(reply, FIND), reply.result, reply, more=True)


@proves("cortex.client.finding.scores")
def ids_and_scores_reach_the_caller_side_by_side(client: Client) -> None:
    """Best first."""
    tenant(client)
    store_matrix(client, ROWS)
    reply = client.ask("searchEmbeddings", {"tenant_id": TENANT, "embeddings": [1.0, 0.25], "max_chunks": 5})
    expect_result(reply)
    answered = accepted(reply, SEARCH)
    told = {name: answered[name] for name in ("chunk_ids", "scores")}
    expect_arrived(told, reply.result, reply, more=True)
