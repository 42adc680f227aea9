"""What is stored, and what running uploads have reserved."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server import create_app
from mock_server.embedder import Embedder
from mock_server.moorcheh.embedding import embed
from mock_server.moorcheh.store import Batch, Namespace
from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve


def batch(ids: str, mark: object = None) -> Batch:
    return Batch([*ids], [{"mark": mark} for _ in ids], embed([*ids]), [*ids])


def marks(namespace: Namespace) -> dict[str, object]:
    return {item_id: item.metadata["mark"] for item_id, item in namespace.items.items()}


@pytest.fixture
def namespace() -> Namespace:
    return Namespace("demo", None, 0.0, count(), Embedder(embed))


def test_a_promised_batch_is_reserved_until_it_is_kept(namespace: Namespace) -> None:
    first = batch("abb")
    assert namespace.new_ids(first) == ["a", "b"]
    namespace.promise(first, 0)
    assert (namespace.reserved, namespace.new_ids(batch("abc"))) == (2, ["c"])
    namespace.keep(first, 0, 0, 1)
    assert (namespace.reserved, [*namespace.items]) == (1, ["a"])
    namespace.keep(first, 0, 1, 3)
    assert (namespace.reserved, [*namespace.items]) == (0, ["a", "b"])


def test_a_repeated_id_is_stored_once_as_the_last_says(namespace: Namespace) -> None:
    twice = Batch(["a", "a"], [{"mark": 1}, {"mark": 2}], embed(["x", "y"]))
    namespace.promise(twice, 0)
    namespace.keep(twice, 0, 0, 2)
    assert marks(namespace) == {"a": 2}


def test_the_upload_accepted_last_wins_whatever_ends_last(namespace: Namespace) -> None:
    older, newer = batch("a", "older"), batch("a", "newer")
    namespace.promise(older, 0)
    namespace.promise(newer, 1)
    assert namespace.reserved == 1
    namespace.keep(newer, 1, 0, 1)
    namespace.keep(older, 0, 0, 1)
    assert (marks(namespace), namespace.reserved) == ({"a": "newer"}, 0)


def test_an_older_upload_is_seen_until_the_newer_one_comes(namespace: Namespace) -> None:
    older, newer = batch("a", "older"), batch("a", "newer")
    namespace.promise(older, 0)
    namespace.promise(newer, 1)
    namespace.keep(older, 0, 0, 1)
    assert marks(namespace) == {"a": "older"}
    namespace.keep(newer, 1, 0, 1)
    assert marks(namespace) == {"a": "newer"}


def test_an_overtaken_upload_never_shows_though_a_newer_one_is_promised(namespace: Namespace) -> None:
    batches = [batch("a", mark) for mark in range(3)]
    for number, each in enumerate(batches):
        namespace.promise(each, number)
    namespace.keep(batches[1], 1, 0, 1)
    namespace.keep(batches[0], 0, 0, 1)
    assert marks(namespace) == {"a": 1}


def test_a_deleted_item_that_was_overtaken_does_not_come_back(namespace: Namespace) -> None:
    older, newer = batch("a", "older"), batch("a", "newer")
    namespace.promise(older, 0)
    namespace.promise(newer, 1)
    namespace.keep(newer, 1, 0, 1)
    assert namespace.remove(["a", "z"]) == ["a"]
    namespace.keep(older, 0, 0, 1)
    assert (marks(namespace), namespace.reserved) == ({}, 0)


def test_what_cannot_be_stored_counts_as_new_but_holds_no_room(namespace: Namespace) -> None:
    upload = Batch(
        ["a", "b", "a"], [{"mark": n} for n in range(3)], embed([*"xyz"]), faults={1: "b!", 2: "a!"}
    )
    assert namespace.new_ids(upload) == ["a", "b"]
    namespace.promise(upload, 0)
    assert namespace.reserved == 1
    assert namespace.keep(upload, 0, 0, 2) == ["b!"]
    assert namespace.keep(upload, 0, 2, 3) == ["a!"]
    assert (marks(namespace), namespace.reserved) == ({"a": 0}, 0)


def test_a_forgotten_id_is_never_stored_and_its_room_is_free(namespace: Namespace) -> None:
    older, newer = batch("abc"), batch("b", "newer")
    namespace.promise(older, 0)
    namespace.keep(older, 0, 0, 1)
    namespace.promise(newer, 1)
    namespace.forget(["a", "b", "c", "z"], 0)
    assert namespace.reserved == 1
    namespace.keep(older, 0, 2, 3)
    namespace.keep(newer, 1, 0, 1)
    assert (marks(namespace), namespace.reserved) == ({"a": None, "b": "newer"}, 0)


def test_an_item_keeps_the_moment_at_which_its_id_came(namespace: Namespace) -> None:
    for number, letters in enumerate(("a", "ab")):
        upload = batch(letters)
        upload.accepted_at = float(number)
        namespace.promise(upload, number)
        namespace.keep(upload, number, 0, len(letters))
    assert {item_id: item.created_at for item_id, item in namespace.items.items()} == {"a": 0.0, "b": 1.0}


def test_deleting_an_id_that_is_to_be_updated_keeps_its_room(serve: Serve) -> None:
    client = serve(jobs="instant", max_items=2)
    client.create()
    client.upload("ab")
    client.post("/_mock/settings", {"jobs": "manual"})
    update = client.upload("a", mark=2)
    client.post("/namespaces/demo/items/delete", {"ids": ["a"]})
    assert client.post("/namespaces/demo/vectors", {"vectors": [{"id": "c", "vector": [1, 1]}]}).status == 409
    client.post(f"/_mock/jobs/{update}/complete")
    assert (client.count(), client.stored("ab")["a"]) == (2, {"mark": 2})


CAP = 4
ids = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=5).map("".join)
steps = st.lists(
    st.tuples(st.sampled_from(["upload", "upload", "complete", "poll", "delete"]), ids, st.integers(0, 9)),
    max_size=30,
)


@given(steps)
def test_items_never_exceed_the_cap_and_every_admitted_item_is_stored(
    plan: list[tuple[str, str, int]],
) -> None:
    client = Client(create_app(max_items=CAP, jobs="polls=3"))
    client.create()
    jobs: list[str] = []
    stored: set[str] = set()
    pending: dict[str, set[str]] = {}
    for action, letters, which in plan:
        if action == "upload":
            vectors = [{"id": letter, "vector": [1, which]} for letter in letters]
            reply = client.post("/namespaces/demo/vectors", {"vectors": vectors})
            promised = stored.union(*pending.values())
            fits = len(promised | {*letters}) <= CAP
            assert (reply.status == 202) == (fits or not {*letters} - promised)
            if reply.status == 202:
                jobs.append(reply.body["job_id"])
                pending[jobs[-1]] = {*letters}
            else:
                assert reply.body["requested_new"] == len({*letters} - promised)
                assert reply.body["items"] == client.count()
        elif action == "delete":
            # Only without running uploads: what an overtaken upload gives up is told by the tests above.
            if not pending:
                client.post("/namespaces/demo/items/delete", {"ids": [*letters]})
                stored -= {*letters}
        elif jobs:
            job_id = jobs[which % len(jobs)]
            if action == "complete":
                client.post(f"/_mock/jobs/{job_id}/complete")
            if client.job(job_id)["status"] == "completed":
                stored |= pending.pop(job_id, set())
        assert stored <= client.stored("abcdefg").keys() <= stored.union(*pending.values())
        assert client.count() <= CAP
