"""The commands `client moorcheh` and `client cortex`: which program is under test, and against what mock."""

import shlex
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from conformance.client.driver import Client
from conformance.command import carry_out
from conformance.embedded import bundled_mock
from conformance.service import Service
from conformance.target import Target
from conformance.wishes import Wishes, fail

MEANINGLESS = ("base_url", "header", "job_timeout")
"""Shared options that say how to reach a server: a client is tested against the bundled mock alone."""


def client_command(service: Service, api_key: str | None = None) -> Callable[..., None]:
    """The command that proves the clients of a service.

    Args:
        service: The service, its clients under contract.
        api_key: The key that clients are told to use, where the service has keys.
    """

    def command(
        wishes: Wishes,
        program: Annotated[
            list[str] | None,
            typer.Argument(metavar="-- COMMAND...", help="The client: a program that speaks lines."),
        ] = None,
    ) -> None:
        words: Sequence[str] = program or ()
        if not (words or wishes.list_only or wishes.explain):
            fail("which client? Its command follows two dashes: -- node adapter.mjs")

        clients: list[Client] = []

        def connect(target: Target) -> Client:
            clients.append(Client(target, words, service.name, seconds=wishes.timeout, api_key=api_key))
            return clients[-1]

        mock = bundled_mock([service.name, *([] if api_key is None else ["--api-key", api_key])])
        try:
            carry_out(service, wishes, mock, connect, arguments=("--", *words), tested=shlex.join(words))
        finally:
            # A run whose mock is gone leaves nothing behind either.
            for client in clients:
                client.close()

    command.__name__ = service.name
    command.__doc__ = f"""Proves a client: {service.title}."""
    return command
