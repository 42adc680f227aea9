"""Who may steer: those who know the token, on this machine."""

import asyncio

import pytest
from starlette.types import Message

from mock_server import create_app


def status(
    headers: dict[str, str] | None = None,
    *,
    token: str | None = None,
    anywhere: bool = False,
    client: object = ("127.0.0.1", 5),
) -> int:
    """Asks for the state of a world, and answers the status."""
    app = create_app(admin_token=token, admin_anywhere=anywhere)
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/_session/a/_mock/state",
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": client,
    }
    asyncio.run(app(scope, receive, send))
    return int(sent[0]["status"])


@pytest.mark.parametrize(
    "client",
    [None, ("127.0.0.1", 1), ("127.8.0.1", 1), ("::1", 1), ("::ffff:127.0.0.1", 1), ("testclient", 1)],
)
def test_this_machine_may_steer(client: object) -> None:
    assert status(client=client) == 200


@pytest.mark.parametrize("client", [("192.168.1.9", 1), ("fe80::1%eth0", 1), ("::ffff:10.0.0.1", 1)])
def test_other_machines_may_not_unless_told(client: object) -> None:
    assert status(client=client) == 403
    assert status(client=client, anywhere=True) == 200


@pytest.mark.parametrize(
    "headers",
    [{"authorization": "Bearer s3cret"}, {"authorization": "bearer s3cret"}, {"x-vecpact-token": "s3cret"}],
)
def test_with_the_token_steering_is_allowed(headers: dict[str, str]) -> None:
    assert status(token="s3cret", headers=headers) == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer no"}, {"authorization": "Basic s3cret"}, {"x-vecpact-token": "s3cre"}],
)
def test_without_the_token_it_is_not(headers: dict[str, str]) -> None:
    assert status(token="s3cret", headers=headers) == 401


def test_another_machine_is_refused_whatever_it_knows() -> None:
    assert status(token="s3cret", client=("10.0.0.1", 1), headers={"x-vecpact-token": "s3cret"}) == 403
