"""Peers: found or not, and told of the same upload."""

import json
import os
from pathlib import Path

import jsonschema
import pytest
from openapi_spec_validator import validate

from bench.peers.definition import SCHEMA, openapi
from bench.peers.peer import FOLDER, free_port
from bench.rows.peers import PEERS


@pytest.mark.parametrize("peer", PEERS, ids=[peer.name for peer in PEERS])
def test_a_peer_that_is_not_installed_is_left_out(
    peer: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(FOLDER, raising=False)
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
    monkeypatch.setenv(FOLDER, str(folder))
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
    jsonschema.validate(json.loads(plain.body(2)), SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"vectors": [{"id": "a", "vector": [1, 2]}]}, SCHEMA)


def test_a_free_port_can_be_listened_on() -> None:
    assert 0 < free_port() < 65536
