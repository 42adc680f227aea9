"""Snapshots: one file, from which another server goes on as if it were the same."""

import json
import subprocess
import sys
from collections import deque
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
import numpy as np
import pytest

from mock_server import create_app
from mock_server.jobs import Mode
from mock_server.snapshot import FORMAT, Reader, Writer, load, save
from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve
from tests.mock_server.cortex.calling import Cortex, document
from tests.mock_server.moorcheh.files.conftest import Filed, ServeFiles, folder, serve_files
from tests.serving import serving

__all__ = ["folder", "serve_files"]  # fixtures


def moved(client: Client, other: Client) -> Client:
    """Takes the world of one server to another."""
    load(other.world, save(client.world))
    return other


def worked_on(client: Filed) -> None:
    """Leaves something of everything behind: items, jobs of each kind under way, faults that have struck."""
    client.create()
    client.create("going")
    done = client.upload("ab", deep=[[{"x": [1, 2.5, {}]}]], big=2**80, text="caf\u00e9", none=None)
    client.post(f"/_mock/jobs/{done}/complete")
    client.post(f"/_mock/jobs/{client.upload('cd', 'going')}/complete")
    client.post("/namespaces/demo/items/delete", {"ids": ["a"]})
    client.job(client.upload("efgh"))
    client.get(f"/namespaces/going/delete-jobs/{client.call('DELETE', '/namespaces/going').body['job_id']}")
    client.post(f"/_mock/jobs/{client.begin('a.txt')}/complete")
    client.begin("long.md")
    client.delete_file("a.txt")
    cortex = Cortex(client)
    cortex.create()
    cortex.insert(document("d", metadata={"k": [1]}, a=[1, 2], b=[3, 4]))
    cortex.upload([[1, 2], [3, 4]], "f")
    cortex.beside(None, "other").create(3)
    client.post("/_mock/settings", {"max_items": 500, "jobs": "polls=3", "journal_entries": 7})
    client.post("/_mock/faults", {"effect": "malformed", "probability": 0.5, "seed": 3, "path": "/health"})
    client.world.faults.meet("GET", "/health")
    client.post("/_mock/faults", {"effect": "extra", "fields": {"a": {"b": 1}}, "path": "/nope"})


def played_on(client: Filed) -> list[Any]:
    """Goes on with a world, and tells everything that is seen on the way."""
    seen: list[Any] = [client.upload("xyz")]
    cortex = Cortex(client)
    for _ in range(4):
        seen += [client.get(f"/namespaces/demo/upload-jobs/{job.id}").body for job in client.world.jobs]
        seen += [client.get(f"/namespaces/going/delete-jobs/{job.id}").body for job in client.world.jobs]
        seen += [client.file_job(job.id) for job in client.world.jobs]
        seen += [cortex.status("f"), cortex.beside(None, "other").asks("GET", "/tenants/infra/status").body]
        seen.append([fault is None for fault in [client.world.faults.meet("GET", "/health")]])
        seen.append(client.get("/_mock/state").body)
    search = {"namespaces": ["demo"], "query": [1, 100]}
    seen += [client.stored("abcefghxyz"), client.listed(), client.ids()]
    seen += [client.post("/search", search).body["results"], cortex.find(1, 2, output_fields=["embedding"])]
    seen.append(client.get("/_mock/jobs").body)
    return seen


def test_a_restored_world_goes_on_as_the_one_that_was_saved(serve_files: ServeFiles) -> None:
    client = serve_files(jobs="polls=2", seed=1)
    client.post("/_mock/clock", {"freeze": True})
    worked_on(client)
    other = serve_files(jobs="instant", seed=2)
    file = save(client.world)
    load(other.world, file)
    assert save(other.world) == file
    assert client.get("/_mock/state").body == other.get("/_mock/state").body
    assert played_on(client) == played_on(other)


def test_a_snapshot_loads_in_another_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mock_server", "--port", "0"]
    with (
        serving(create_app(jobs="polls=2")) as here,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout is not None
        there = process.stdout.readline().split()[-1]
        try:
            httpx.post(f"{here}/namespaces", json={"name": "n", "type": "vector", "vector_dimension": 2})
            items = {"vectors": [{"id": "a", "vector": [1, 2], "n": 1}]}
            job_id = httpx.post(f"{here}/namespaces/n/vectors", json=items).json()["job_id"]
            file = tmp_path / "world"
            reply = httpx.get(f"{here}/_mock/snapshot")
            file.write_bytes(reply.content)
            assert reply.headers["content-type"] == "application/octet-stream"
            state = httpx.post(f"{there}/_session/x/_mock/restore", content=file.read_bytes()).json()
            assert (state["session"], state["running_jobs"][0]["job_id"]) == ("x", job_id)
            for _ in range(2):
                job = httpx.get(f"{there}/_session/x/namespaces/n/upload-jobs/{job_id}").json()
            assert job["status"] == "completed"
            found = httpx.post(f"{there}/_session/x/namespaces/n/items/get", json={"ids": ["a"]}).json()
            assert found["items"][0]["metadata"] == {"n": 1}
        finally:
            process.terminate()


def test_a_snapshot_holds_vectors_and_not_the_room_for_more(serve: Serve) -> None:
    client, other = serve(jobs="instant"), serve(jobs="instant")
    seed = {"service": "moorcheh", "namespace": "wide", "dimension": 4_096, "items": 600}
    client.post("/_mock/seed", seed)
    payload = 4 * 4_096 * 600
    assert payload < len(save(client.world)) < 1.1 * payload
    moved(client, other)
    other.post("/_mock/seed", {**seed, "prefix": "more-"})
    vector = [1.0] * 4_096
    for each in (client, other):
        each.post("/namespaces/wide/vectors", {"vectors": [{"id": "a", "vector": vector}]})
        assert each.post("/search", {"namespaces": ["wide"], "query": vector}).body["results"][0]["id"] == "a"


def test_time_goes_on_from_the_moment_of_the_snapshot(serve: Serve) -> None:
    now = [1_000_000.0]
    client = serve(jobs="time=10", clock=lambda: now[0])
    client.create()
    job_id = client.upload("abcd")
    client.post("/_mock/clock", {"advance": 5})
    file = save(client.world)
    other = serve(clock=lambda: now[0])
    now[0] += 1_000
    load(other.world, file)
    assert other.job(job_id)["processed"] == 2
    now[0] += 5
    assert other.job(job_id)["status"] == "completed"
    client.post("/_mock/clock", {"freeze": True})
    assert moved(client, other).get("/_mock/state").body["frozen"] is True


def test_what_is_the_servers_stays_the_servers(serve: Serve) -> None:
    client, other = serve(api_key="one", max_items=5), serve(api_key="two")
    client.get("/health")
    other.get("/health")
    moved(client, other)
    assert (other.world.settings.api_key, other.world.name) == ("two", "default")
    assert (b"one" in save(client.world), len(other.world.journal), [*other.world.ledger]) == (False, 0, [])
    other.post("/_mock/reset")
    assert other.get("/health").body["max_items"] == 100_000


def test_restoring_takes_the_place_of_all_there_was(client: Client) -> None:
    client.create()
    empty = Client(client.app, "/_session/empty")
    assert moved(empty, client).get("/namespaces").body == {"namespaces": []}


def test_a_service_that_is_not_served_is_not_restored(serve: Serve) -> None:
    client, other = serve(), serve(services=["moorcheh"])
    client.create()
    assert len(moved(client, other).get("/namespaces").body["namespaces"]) == 1
    client.post("/_mock/seed", {"service": "cortex", "tenant_id": "t", "items": 3})
    with pytest.raises(ValueError, match="holds 3 items of cortex, which this server does not serve"):
        moved(client, other)


def test_texts_of_another_embedder_are_not_restored(serve: Serve) -> None:
    client, other = serve(jobs="instant"), serve(embedder=lambda texts: [[1.0, 2.0]] * len(texts))
    moved(client, other)
    client.create()
    client.upload("a")
    with pytest.raises(ValueError, match="are embedded in 512 dimensions, this server's embedder makes 2"):
        moved(client, other)


@pytest.fixture
def file(client: Client) -> bytes:
    """A snapshot of a world with an item."""
    client.create()
    client.upload("a")
    return save(client.world)


def refused(client: Client, octets: bytes) -> str:
    """Restores what cannot be, and answers the message."""
    before = client.get("/_mock/state").body
    reply = client.post("/_mock/restore", octets)
    after = client.get("/_mock/state").body
    assert (reply.status, before | {"now": None}, reply.message.count("\n")) == (
        400,
        after | {"now": None},
        0,
    )
    return reply.message


def changed(file: bytes, **changes: Any) -> bytes:
    """Changes fields of a snapshot's document."""
    head, rest = file.split(b"\n", 1)
    length = int(head.split()[-1])
    text = json.dumps({**json.loads(rest[:length]), **changes}).encode()
    return b"vecpact-snapshot %d %d\n%s" % (FORMAT, len(text), text) + rest[length:]


def test_what_is_no_snapshot_is_refused(client: Client, file: bytes) -> None:
    assert "the body is no snapshot" in refused(client, b"")
    assert "the body is no snapshot" in refused(client, b'{"a": 1}')
    assert "has format 999, this version reads format" in refused(client, b"vecpact-snapshot 999 2\n{}")
    assert "ends too early" in refused(client, file[:200])
    assert "ends too early: arrays take" in refused(client, file[:-1])
    assert refused(client, b"vecpact-snapshot %d 2\n{}" % FORMAT).startswith(
        "the snapshot is damaged: KeyError"
    )
    assert "the snapshot is damaged" in refused(client, b"vecpact-snapshot %d 2\n[]" % FORMAT)
    assert "is damaged: JSONDecodeError" in refused(client, b"vecpact-snapshot %d 2\n{x" % FORMAT)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jobs": {"new": 90, "class": "subprocess:Popen", "has": {}}}, "subprocess:Popen is no class of"),
        ({"jobs": {"new": 90, "class": "mock_server.jobs:uuid.UUID", "has": {}}}, "AttributeError"),
        (
            {"jobs": {"new": 90, "class": "mock_server.jobs:Random", "has": {}}},
            "Random is no class of mock_server",
        ),
        (
            {"jobs": {"new": 90, "class": "mock_server.jobs:parse_mode", "has": {}}},
            "is no class of mock_server",
        ),
        ({"jobs": {"new": 90, "class": "mock_server.nowhere:X", "has": {}}}, "ModuleNotFoundError"),
        ({"jobs": 1}, "expected JobBook, got int"),
        ({"jobs": {"eval": "1"}}, "KeyError 'eval'"),
        ({"parts": {"moorcheh": {"around": "world"}}, "jobs": 1}, "expected Store, got World"),
        ({"arrays": [{"dtype": "object", "shape": [1]}]}, "no array is of object with shape"),
        ({"arrays": [{"dtype": "int64", "shape": [-1]}]}, "no array is of int64 with shape"),
        ({"arrays": []}, "IndexError"),
        ({"journal": [1]}, "not enough values"),
        ({"random": {"tuple": [1]}}, "the snapshot is damaged"),
    ],
)
def test_a_damaged_snapshot_changes_nothing(
    client: Client, file: bytes, changes: dict[str, Any], message: str
) -> None:
    assert message in refused(client, changed(file, **changes))


def test_every_kind_of_value_comes_back() -> None:
    base = np.arange(12, dtype=np.float32).reshape(4, 3)
    values: list[Any] = [
        *(None, True, 2**53, 2**53 + 1, -(2**70), 0.1, float("inf"), "\u00e9", [], [1, [2]], {}, {"a": [{}]}),
        *({1: "a", (2, "b"): None}, (), (1, (2,)), {3, 1}, frozenset("ab"), deque([1]), range(3, 9, 2)),
        *(Path("/a/b"), ""),
    ]
    writer = Writer({})
    coded = json.loads(json.dumps([writer.code(value) for value in values]))
    read = Reader([], memoryview(b""), {})
    assert [read.read(each) for each in coded] == values
    random = Random(3)
    random.random()
    arrays = [base, base[1], base[:, 1], np.array([True]), np.empty((0, 2))]
    coded = json.loads(json.dumps([writer.code(each) for each in (random, *arrays)]))
    told = json.loads(json.dumps(writer.arrays_told()))
    reader = Reader(told, memoryview(b"".join(writer.octets())), {})
    back, *rows = [reader.read(each) for each in coded]
    assert back.random() == random.random()
    assert [each.tolist() for each in rows] == [each.tolist() for each in arrays]
    assert rows[1].base is not None
    with pytest.raises(TypeError, match=r"builtins\.object cannot be saved"):
        writer.code(object())


def test_shared_objects_stay_shared() -> None:
    counter, mode = count(5), Mode("polls", 2)
    writer = Writer({})
    coded = json.loads(json.dumps(writer.code([counter, counter, mode, mode])))
    one, two, three, four = Reader([], memoryview(b""), {}).read(coded)
    assert (one is two, next(one), three is four, three) == (True, 5, True, mode)
