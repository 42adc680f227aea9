"""Search."""

from typing import Any

import pytest

from mock_server.moorcheh.search import label
from tests.mock_server.calling import Client

TIMINGS = {
    *("parse_validate", "prepare_vector", "fetch_data", "calculate_distance", "select_candidates"),
    *("calculate_scores", "reorder", "format_response", "total"),
}


def fill(client: Client, name: str, vectors: dict[str, list[float]]) -> None:
    client.create(name, len(next(iter(vectors.values()))))
    batch = [{"id": key, "vector": vector, "of": name} for key, vector in vectors.items()]
    assert client.post(f"/namespaces/{name}/vectors", {"vectors": batch}).status == 202


@pytest.fixture
def filled(client: Client) -> Client:
    fill(client, "compass", {"north": [0, 1], "east": [1, 0], "northeast": [1, 1], "south": [0, -1]})
    return client


def hits(client: Client, query: Any, *namespaces: str, **more: Any) -> list[dict[str, Any]]:
    reply = client.post("/search", {"query": query, "namespaces": namespaces or ["compass"], **more})
    assert reply.status == 200, reply
    results = reply.body["results"]
    assert isinstance(results, list)
    return results


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [hit["id"] for hit in found]


def test_the_answer_has_results_and_timings(filled: Client) -> None:
    body = filled.post("/search", {"query": [0, 2], "namespaces": ["compass"], "top_k": 1}).body
    assert body["results"] == [
        {
            "id": "north",
            "namespace": "compass",
            "score": 1.0,
            "label": "Close Match",
            "metadata": {"of": "compass"},
            "text": "",
        }
    ]
    assert body["timings"].keys() == TIMINGS
    assert body["execution_time"] == body["timings"]["total"] >= 0


def test_hits_come_by_score_and_the_older_first_among_equals(filled: Client) -> None:
    found = hits(filled, [1, 1])
    assert [(hit["id"], hit["score"]) for hit in found] == [
        ("northeast", 1.0),
        ("north", 0.707107),
        ("east", 0.707107),
        ("south", 0.0),
    ]


@pytest.mark.parametrize(
    ("top_k", "count"), [(None, 10), (0, 1), (-5, 1), (3, 3), (100, 100), (1000, 100), (10**30, 100)]
)
def test_top_k_is_10_and_clamped_to_1_and_100(client: Client, top_k: int | None, count: int) -> None:
    fill(client, "many", {f"v{place}": [1, place] for place in range(120)})
    assert len(hits(client, [1, 1], "many", **({} if top_k is None else {"top_k": top_k}))) == count


def test_several_namespaces_are_merged_and_each_counts_once(filled: Client) -> None:
    fill(filled, "other", {"steep": [1, 2], "flat": [2, 1]})
    found = hits(filled, [0, 1], "other", "compass", "other", top_k=4)
    assert ids(found) == ["north", "steep", "northeast", "flat"]
    assert [hit["namespace"] for hit in found] == ["compass", "other", "compass", "other"]


def test_ties_between_namespaces_come_by_age(filled: Client) -> None:
    fill(filled, "other", {"up": [0, 5]})
    assert ids(hits(filled, [0, 1], "other", "compass", top_k=2)) == ["north", "up"]


def test_only_the_namespaces_asked_are_searched(filled: Client) -> None:
    fill(filled, "other", {"up": [0, 5]})
    assert ids(hits(filled, [0, 1], "other")) == ["up"]


def test_a_threshold_counts_only_in_kiosk_mode(filled: Client) -> None:
    assert len(hits(filled, [0, 1], threshold=0.9)) == 4
    assert len(hits(filled, [0, 1], threshold=None)) == 4
    assert ids(hits(filled, [0, 1], threshold=0.707107, kiosk_mode=True)) == ["north", "northeast"]
    assert len(hits(filled, [0, 1], threshold=0, kiosk_mode=True)) == 4
    assert len(hits(filled, [0, 1], threshold=1, kiosk_mode=True)) == 1


@pytest.mark.parametrize("scale", ["1e308", "1e39", "5e-324", "-1e-320", "1" + "0" * 300])
def test_numbers_of_any_size_keep_their_direction(client: Client, scale: str) -> None:
    client.create("wide", 2)
    body = f'{{"vectors": [{{"id": "a", "vector": [{scale}, 0]}}, {{"id": "b", "vector": [1, 1]}}]}}'
    assert client.post("/namespaces/wide/vectors", body.encode()).status == 202
    reply = client.post("/search", f'{{"query": [{scale}, 0], "namespaces": ["wide"]}}'.encode())
    best = reply.body["results"][0]
    assert (best["id"], best["score"]) == ("a", 1.0)


def test_a_zero_vector_scores_zero(client: Client) -> None:
    fill(client, "zeros", {"zero": [0, 0], "one": [0, 1]})
    assert [hit["score"] for hit in hits(client, [0, 1], "zeros")] == [1.0, 0.0]
    assert [hit["score"] for hit in hits(client, [0, 0], "zeros")] == [0.0, 0.0]


def test_a_deleted_item_is_no_hit_and_an_updated_one_moves(filled: Client) -> None:
    filled.post("/namespaces/compass/items/delete", {"ids": ["north"]})
    filled.post("/namespaces/compass/vectors", {"vectors": [{"id": "south", "vector": [0, 3]}]})
    found = hits(filled, [0, 1])
    assert ids(found) == ["south", "northeast", "east"]
    assert found[0]["metadata"] == {}


def test_an_empty_namespace_has_no_hits(client: Client) -> None:
    client.create("empty", 2)
    assert hits(client, [1, 0], "empty") == []


def test_text_is_found_by_its_words(client: Client) -> None:
    client.create("notes", None)
    client.create("more", None)
    texts = {"turtle": "Turtles swim in lagoons", "revenue": "Revenue rose by nine percent"}
    for name, space in (("turtle", "notes"), ("revenue", "more")):
        documents = [{"id": name, "text": texts[name], "kind": name}]
        client.post(f"/namespaces/{space}/documents", {"documents": documents})
    best = hits(client, "lagoons with turtles", "notes", "more")[0]
    assert best.pop("score") > 0.3
    assert best.pop("label")
    assert best == {
        "id": "turtle",
        "namespace": "notes",
        "metadata": {"kind": "turtle"},
        "text": "Turtles swim in lagoons",
    }


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"query": None}, "empty"),
        ({"query": []}, "empty"),
        ({"query": " "}, "empty"),
        ({"namespaces": None}, "empty"),
        ({"namespaces": []}, "empty"),
        ({"namespaces": "compass"}, "empty"),
        ({"query": 7}, "query-type"),
        ({"query": {}}, "query-type"),
        ({"query": [1, "2"]}, "query-type"),
        ({"query": [1, True]}, "query-type"),
        ({"query": [1, 10**400]}, "query-type"),
        ({"query": "north"}, "query-type"),
        ({"namespaces": ["notes"]}, "query-type"),
        ({"namespaces": ["compass", "notes"]}, "query-type"),
        ({"query": [1, 2, 3]}, "dimension"),
        ({"query": [1]}, "dimension"),
        ({"namespaces": ["nope"]}, "unknown-namespace"),
        ({"namespaces": ["compass", 7]}, "unknown-namespace"),
        ({"namespaces": [["compass"]]}, "unknown-namespace"),
        ({"kiosk_mode": True}, "kiosk-needs-threshold"),
        ({"kiosk_mode": True, "threshold": None}, "kiosk-needs-threshold"),
        ({"kiosk_mode": "yes", "threshold": 0.5}, "kiosk"),
        ({"kiosk_mode": None}, "kiosk"),
        ({"threshold": 1.1}, "threshold-null"),
        ({"threshold": -0.1}, "threshold-null"),
        ({"threshold": "0.5"}, "threshold-null"),
        ({"threshold": True}, "threshold-null"),
        ({"top_k": 2.0}, "top-k-clamped"),
        ({"top_k": True}, "top-k-clamped"),
        ({"top_k": None}, "top-k-clamped"),
    ],
)
def test_an_invalid_search_is_400_with_status_error(
    filled: Client, change: dict[str, Any], clause: str
) -> None:
    filled.create("notes", None)
    reply = filled.post("/search", {"query": [0, 1], "namespaces": ["compass"], **change})
    assert (reply.status, reply.body["status"]) == (400, "error")
    assert reply.message.endswith(f"[moorcheh.search.{clause}]")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"query": [NaN], "namespaces": ["compass"]}', b"[1e999]"]
)
def test_a_malformed_search_has_status_error_too(filled: Client, body: bytes) -> None:
    reply = filled.post("/search", body)
    assert (reply.status, reply.body["status"]) == (400, "error")
    assert "[moorcheh.errors.malformed-json]" in reply.message


def test_missing_query_or_namespaces_are_refused(filled: Client) -> None:
    for body in ({"namespaces": ["compass"]}, {"query": [1, 0]}):
        assert "[moorcheh.search.empty]" in filled.post("/search", body).message


@pytest.mark.parametrize(
    ("score", "name"),
    [
        (1.0, "Close Match"),
        (0.894, "Close Match"),
        (0.893999, "Very High Relevance"),
        (0.632, "Very High Relevance"),
        (0.631999, "High Relevance"),
        (0.447, "High Relevance"),
        (0.446999, "Good Relevance"),
        (0.316, "Good Relevance"),
        (0.315999, "Low Relevance"),
        (0.224, "Low Relevance"),
        (0.223999, "Very Low Relevance"),
        (0.1, "Very Low Relevance"),
        (0.099999, "Irrelevant"),
        (0.0, "Irrelevant"),
    ],
)
def test_labels_follow_the_score(score: float, name: str) -> None:
    assert label(score) == name
