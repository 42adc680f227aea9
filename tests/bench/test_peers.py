"""Peers: found or not, and told of the same upload."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jsonschema
import pytest
from openapi_spec_validator import validate

from bench.figures import Result
from bench.peers import prism, qdrant
from bench.peers.definition import openapi, schema
from bench.peers.peer import FOLDERS, free_port
from bench.rows.peers import BAD_NUMBERS, PEERS, compare, taken_numbers
from bench.uploads import spoiled


@pytest.mark.parametrize("peer", PEERS, ids=[peer.name for peer in PEERS])
def test_a_peer_that_is_not_installed_is_left_out(
    peer: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(FOLDERS, raising=False)
    assert peer.command(tmp_path, 1) is None  # type: ignore[attr-defined]  # a peer


@pytest.mark.parametrize("peer", PEERS, ids=[peer.name for peer in PEERS])
def test_a_peer_is_found_in_its_folder_and_told_its_port(
    peer: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "peers"
    programs = folder / "node_modules" / ".bin"
    programs.mkdir(parents=True)
    for name in ("prism", "mockoon-cli", "moto_server", "java"):
        (programs / name).write_text("")
        os.chmod(programs / name, 0o755)
    (folder / "wiremock-standalone-3.jar").write_text("")
    monkeypatch.setenv(FOLDERS, os.pathsep.join([str(tmp_path / "others"), str(folder)]))
    command = peer.command(tmp_path, 12345)  # type: ignore[attr-defined]  # a peer
    assert command is not None
    assert "12345" in command


@pytest.mark.parametrize("peer", PEERS, ids=[peer.name for peer in PEERS])
def test_a_peer_is_sent_an_upload_of_so_many_vectors(peer: object) -> None:
    document = json.loads(peer.body(3))  # type: ignore[attr-defined]  # a peer
    assert len(document["vectors"]) == 3


def test_the_definition_is_valid_and_takes_the_upload() -> None:
    validate(openapi())
    plain = next(peer for peer in PEERS if peer.name == "Prism")
    jsonschema.validate(json.loads(plain.body(2)), schema(finite=True))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"vectors": [{"id": "a", "vector": [1, 2]}]}, schema(finite=True))
    for number in BAD_NUMBERS.values():
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(json.loads(spoiled(plain.body(2), number)), schema(finite=True))


@pytest.mark.parametrize(("has_it", "found"), [("0", True), ("1", False)])
def test_a_library_is_looked_for_in_the_python_of_a_folder(
    has_it: str, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f"#!/bin/sh\nexit {has_it}\n")
    python.chmod(0o755)
    monkeypatch.setenv(FOLDERS, str(tmp_path))
    command = qdrant.command(5, 3)
    assert command == ([str(python), str(qdrant.SCRIPT), "5", "3"] if found else None)


class Bodies(BaseHTTPRequestHandler):
    """Accepts an upload, or refuses it, as the server's `refuses` says."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(422 if self.server.refuses in body else 202)  # type: ignore[attr-defined]  # set below
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


@pytest.mark.parametrize(
    ("refuses", "taken"),
    [(b'"1.5"]', ["1e999"]), (b"1e999]", ["a string"]), (b"]", []), (b"[]", [*BAD_NUMBERS])],
)
def test_a_peer_that_looks_is_shown_bad_numbers(refuses: bytes, taken: list[str]) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bodies)
    server.refuses = refuses  # type: ignore[attr-defined]  # read above
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        assert [*taken_numbers(f"http://127.0.0.1:{server.server_port}", prism.PEERS[0], 2)] == taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_fastest_peer_of_a_kind_has_the_goal() -> None:
    result = Result("requests/s", {"mock": [10.0], "a": [1.0], "b": [4.0], "c": [0.0], "mock, x": [8.0]})
    compare(result, 1, True, {"a", "b", "c", "d"}, "")
    assert [(figure.label, figure.median, str(figure.goal)) for figure in result.figures] == [
        ("mock / b, the fastest peer that looks at the body", 2.5, ">= 5"),
        ("mock / a, which looks at the body", 10.0, "None"),
    ]


def test_a_free_port_can_be_listened_on() -> None:
    assert 0 < free_port() < 65536
