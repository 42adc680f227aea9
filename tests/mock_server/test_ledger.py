"""The ledger: was anything lost, or stored twice?"""

import contextlib
from typing import Any

import httpx
import pytest

from mock_server.ledger import Ledger, Sent
from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve
from tests.mock_server.cortex.calling import Cortex, document

VECTORS = "/namespaces/demo/vectors"


@pytest.fixture
def created(client: Client) -> Client:
    """An application with a namespace, whose jobs complete at once."""
    client.create()
    return client


def ledger(client: Client) -> Any:
    """Asks for the ledger."""
    return client.get("/_mock/ledger").body


def met(client: Client, **fault: object) -> Client:
    """Lets the next request meet a fault."""
    assert client.post("/_mock/faults", {"times": 1, **fault}).status == 200
    return client


def lose(client: Client, when: str, ids: str) -> None:
    """Uploads items and loses the answer."""
    met(client, effect="reset", when=when)
    with pytest.raises(httpx.ReadError):
        client.upload(ids)


def test_an_upload_that_went_well_is_sent_committed_and_answered(created: Client) -> None:
    job_id = created.upload("ab")
    assert ledger(created) == {
        "uploads": [
            {
                "number": 2,
                "service": "moorcheh",
                "scope": "demo",
                "ids": ["a", "b"],
                "sent": 2,
                "committed": 2,
                "answered": True,
                "refused": False,
                "job_id": job_id,
            }
        ],
        "dropped": 0,
        "sent": 2,
        "committed": 2,
        "stored": 2,
        "lost": [],
        "repeated": [],
        "not_stored": [],
    }


def test_an_answer_lost_before_the_work_loses_data_until_it_is_repeated(created: Client) -> None:
    lose(created, "before", "ab")
    book = ledger(created)
    (upload,) = book["uploads"]
    assert (upload["sent"], upload["committed"], upload["answered"]) == (2, 0, False)
    assert (book["sent"], book["stored"], book["lost"], book["repeated"]) == (2, 0, ["a", "b"], [])
    created.upload("ab")
    book = ledger(created)
    assert (book["sent"], book["stored"], book["lost"], book["repeated"]) == (2, 2, [], [])


def test_an_answer_lost_after_the_work_loses_nothing_and_its_repeat_repeats(created: Client) -> None:
    lose(created, "after", "ab")
    book = ledger(created)
    assert (book["uploads"][0]["committed"], book["uploads"][0]["answered"]) == (2, False)
    assert (book["stored"], book["lost"], book["repeated"]) == (2, [], [])
    created.upload("b")
    assert ledger(created)["repeated"] == ["b"]


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "status", "status": 503},
        {"effect": "failure"},
        {"effect": "html"},
        {"effect": "empty"},
        {"effect": "rate-limit", "retry_after": 1},
    ],
)
def test_what_is_visibly_refused_is_not_lost(created: Client, fault: dict[str, Any]) -> None:
    met(created, **fault, path="*/vectors")
    with contextlib.suppress(ValueError):  # the answer may be no JSON
        created.post(VECTORS, {"vectors": [{"id": "a", "vector": [1, 2]}]})
    book = ledger(created)
    assert (book["sent"], book["committed"], book["lost"], book["uploads"][0]["refused"]) == (1, 0, [], True)


def test_a_success_that_is_a_lie_loses_data(created: Client) -> None:
    met(created, effect="status", status=202, body={"job_id": "job-1"})
    created.upload("a")
    assert ledger(created)["lost"] == ["a"]


def test_refused_uploads_are_entered_with_what_they_sent(created: Client) -> None:
    created.post(VECTORS, {"vectors": [{"id": "a", "vector": [1, 2]}, {"id": "b", "vector": [1]}, {}]})
    created.post(VECTORS, b"{")
    created.post(VECTORS, [])
    created.post(VECTORS, {"vectors": 1})
    book = ledger(created)
    (upload,) = book["uploads"]
    assert (upload["ids"], upload["sent"], upload["committed"]) == (["a", "b"], 3, 0)
    assert (upload["refused"], book["lost"]) == (True, [])


def test_long_bodies_that_are_refused_are_not_read_again(created: Client) -> None:
    items = [{"id": "a", "vector": [1], "text": "x" * 70_000}]
    assert created.post(VECTORS, {"vectors": items}).status == 400
    assert ledger(created)["uploads"] == []


def test_what_is_stored_no_more_or_not_yet_is_told(serve: Serve) -> None:
    client = serve(jobs="polls=2")
    client.create()
    job_id = client.upload("ab")
    assert ledger(client)["not_stored"] == ["a", "b"]
    client.post(f"/_mock/jobs/{job_id}/complete")
    assert ledger(client)["not_stored"] == []
    client.post("/namespaces/demo/items/delete", {"ids": ["a"]})
    assert ledger(client)["not_stored"] == ["a"]


def test_documents_are_entered_too(created: Client) -> None:
    created.create("notes", None)
    created.post("/namespaces/notes/documents", {"documents": [{"id": "a", "text": "turtle"}]})
    met(created, effect="empty", path="*/documents")
    with pytest.raises(ValueError, match="Expecting value"):
        created.post("/namespaces/notes/documents", {"documents": [{"id": "b", "text": "turtle"}]})
    assert [(each["scope"], each["ids"]) for each in ledger(created)["uploads"]] == [
        ("notes", ["a"]),
        ("notes", ["b"]),
    ]


def test_of_many_ids_the_first_and_the_last_are_shown(created: Client) -> None:
    created.post(VECTORS, {"vectors": [{"id": str(n), "vector": [1, n]} for n in range(1_001)]})
    assert ledger(created)["uploads"][0]["ids"] == {"count": 1_001, "first": "0", "last": "1000"}


def test_a_matrix_is_entered_by_its_rows(client: Client) -> None:
    cortex = Cortex(client)
    cortex.create()
    cortex.upload([[1, 2], [3, 4]], "f")
    for fields in ({"file_id": "g"}, {"document_metadata": {"file_id": "h"}}, {}):
        met(client, effect="failure")
        cortex.beside("sub").upload([[1, 2], [3, 4]], **fields)
    cortex.sends("POST", "/upload/upload_embeddings", {"embeddings": 1})
    cortex.sends("POST", "/upload/upload_embeddings", [])
    client.call("POST", "/upload/upload_embeddings", b"{", {"authorization": "Bearer x"})
    told = [
        (each["scope"], each["ids"], each["sent"], each["committed"]) for each in ledger(client)["uploads"]
    ]
    assert told == [
        ("demo/demo", ["f_0", "f_1"], 2, 2),
        ("demo/sub", ["g_0", "g_1"], 2, 0),
        ("demo/sub", ["h_0", "h_1"], 2, 0),
        ("demo/sub", [], 2, 0),
    ]
    assert ledger(client)["stored"] == 2


def test_documents_are_entered_by_their_chunks(client: Client) -> None:
    cortex = Cortex(client)
    cortex.create()
    assert cortex.insert(document("d", a=[1, 2], b=[3, 4])).status == 200
    for wrong in (document("d", a=[1, 2]), {"source_id": "e"}):
        assert cortex.insert(wrong).status >= 400
    assert cortex.insert(document("d", c=[1, 2]), "e").status >= 400
    told = [(each["ids"], each["committed"]) for each in ledger(client)["uploads"]]
    assert told == [(["a", "b"], 2), (["a"], 0), ([], 0), (["c"], 0)]


def test_scopes_that_are_gone_hold_nothing(client: Client) -> None:
    cortex = Cortex(client)
    cortex.create()
    cortex.upload([[1, 2]], "f")
    cortex.asks("DELETE", "/tenants/delete")
    client.create()
    client.upload("a")
    client.call("DELETE", "/namespaces/demo")
    assert ledger(client)["not_stored"] == ["f_0", "a"]


def test_the_ledger_is_cleared_when_told(created: Client) -> None:
    created.upload("a")
    assert created.call("DELETE", "/_mock/ledger").body["uploads"] == []


def test_the_oldest_uploads_are_forgotten() -> None:
    book = Ledger(most_uploads=3, most_ids=10)
    for number, size in enumerate([1, 1, 1, 1, 9, 20], 1):
        book.number = number
        book.commit("moorcheh", "demo", [str(n) for n in range(size)], size)
        if number == 4:
            assert ([each.number for each in book], book.dropped) == ([2, 3, 4], 1)
    assert ([each.number for each in book], book.dropped) == ([6], 5)


def test_uploads_are_listed_in_the_order_in_which_they_came() -> None:
    book = Ledger()
    book.close(2, "moorcheh", lambda: Sent("demo", ["b"], 1), True, True)
    book.close(1, "moorcheh", lambda: Sent("demo", ["a"], 1), True, True)
    assert [each.number for each in book] == [1, 2]
