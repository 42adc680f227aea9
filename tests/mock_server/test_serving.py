"""A running server in this process."""

import asyncio

import httpx
import pytest

import mock_server


def test_a_server_runs_from_entry_to_exit() -> None:
    with mock_server.running(max_items=7) as server:
        assert httpx.get(f"{server.url}/health").json()["max_items"] == 7
        world = server.moorcheh()
        assert world.max_items == 7
        url = server.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")
    with pytest.raises(RuntimeError, match="does not run: use it in a with statement"):
        _ = server.url
    with pytest.raises(RuntimeError, match="does not run any more: its worlds are gone"):
        _ = world.max_items


def test_a_server_runs_in_asynchronous_code() -> None:
    async def ask() -> int:
        async with mock_server.running() as server, httpx.AsyncClient(base_url=server.url) as client:
            return (await client.get("/health")).status_code

    assert asyncio.run(ask()) == 200


def test_worlds_are_reached_by_name() -> None:
    with mock_server.running() as server:
        server.moorcheh("default").max_items = 3
        server.cortex("mine").max_items = 4
        assert httpx.get(f"{server.url}/health").json()["max_items"] == 3
        assert httpx.get(f"{server.url}/_session/mine/health").json()["max_items"] == 4
        assert server.moorcheh().url != server.moorcheh().url


def test_a_server_that_stopped_starts_again_and_one_that_did_not_start_stops() -> None:
    server = mock_server.running()
    server.stop()
    for _ in range(2):
        with server:
            assert httpx.get(f"{server.url}/health").status_code == 200


def test_a_server_stops_with_a_connection_open() -> None:
    with httpx.Client() as client, mock_server.running() as server:
        assert client.get(f"{server.url}/health").status_code == 200
