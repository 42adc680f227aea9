"""The command line of the mock server: `python -m mock_server`, or `vecpact-mock` once installed."""

import signal
import socket
import sys
from copy import deepcopy
from types import FrameType
from typing import Annotated, cast

import typer
import uvicorn
from uvicorn.config import LOGGING_CONFIG

from mock_server.app import MAX_BODY, SERVICES, create_app
from mock_server.embedder import MAX_TEXT, load
from mock_server.equipment import GENERATIONS
from mock_server.listening import COMMAND, UsageError, fail, listen
from mock_server.memory import Housekeeping
from mock_server.protocol import HttpProtocol

PROXY = "proxy"
LEVELS = ("critical", "error", "warning", "info", "debug")
SUFFIXES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
GRACE = 0.3  # seconds that requests under way have to end in once the server is told to stop
KEEP_ALIVE = 75  # seconds: longer than clients keep idle connections, so that it is they who close them

cli = typer.Typer(add_completion=False, rich_markup_mode=None)


class Announcing(uvicorn.Server):
    """A server that says on stdout where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says so."""
        await super().startup(sockets)
        sys.stdout.write(self._announcement + "\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops at once: closes every connection, those with half a request too, then ends."""
        for connection in [*self.server_state.connections]:
            connection.transport.close()
        await super().shutdown(sockets)


@cli.command()
def serve(
    services: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVICE]...", help="moorcheh, cortex; without one both.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.")] = 8080,
    max_items: Annotated[int, typer.Option(help="Most items stored, over all namespaces.")] = 100_000,
    jobs: Annotated[
        str, typer.Option(help="Progress: instant, polls=N, time, time=SECONDS or manual.")
    ] = "polls=2",
    max_body: Annotated[str, typer.Option(help="Largest body read, in bytes or as 256MB.")] = str(MAX_BODY),
    files: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DIR", help="Folder whose files may be read; the first is /uploads, too. Repeatable."
        ),
    ] = None,
    max_text: Annotated[int, typer.Option(help="Longest text embedded, in characters.")] = MAX_TEXT,
    embedder: Annotated[
        str, typer.Option(metavar="MODULE:FUNCTION", help="Embeds texts in place of the server's own.")
    ] = "",
    generation: Annotated[str, typer.Option(help="Of Moorcheh: v1 or v2.")] = GENERATIONS[-1],
    api_key: Annotated[str, typer.Option(help="The one key Cortex takes; without it any will do.")] = "",
    admin_token: Annotated[str, typer.Option(help="What /_mock/ asks for; without it nothing.")] = "",
    admin_anywhere: Annotated[
        bool, typer.Option("--admin-anywhere", help="Answers /_mock/ to other machines, too.")
    ] = False,
    log_level: Annotated[str, typer.Option(help=f"One of {', '.join(LEVELS)}.")] = "warning",
) -> None:
    """Serves the APIs of Moorcheh on-prem and of Cortex from memory until Ctrl-C.

    `vecpact-mock proxy --to URL` watches another server instead; `vecpact-mock proxy --help` tells of it.
    """
    if max_items < 0:
        raise typer.BadParameter(f"--max-items {max_items}: expected 0 or more")
    if not 0 <= port <= 65535:
        raise typer.BadParameter(f"--port {port}: expected 0 to 65535")
    if max_text < 1:
        raise typer.BadParameter(f"--max-text {max_text}: expected 1 or more")
    if log_level not in LEVELS:
        raise typer.BadParameter(f"--log-level {log_level}: expected one of {', '.join(LEVELS)}")
    try:
        app = create_app(
            services=services or (),
            max_items=max_items,
            jobs=jobs,
            max_body=size(max_body),
            api_key=api_key or None,
            embedder=load(embedder) if embedder else None,
            max_text=max_text,
            files=files or (),
            generation=generation,
            admin_token=admin_token or None,
            admin_anywhere=admin_anywhere,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    listener = listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        log_level=log_level,
        log_config=_logging(),
        access_log=log_level == "debug",
        lifespan="off",
        ws="none",
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=cast(int, GRACE),
        timeout_notify=1,
    )
    names = [name.capitalize() for name in dict.fromkeys(services or SERVICES)]
    url = f"http://{shown}:{listener.getsockname()[1]}"
    server = Announcing(config, f"vecpact mock: {' and '.join(names)} on {url}")
    config.callback_notify = Housekeeping(lambda: server.server_state.total_requests).look

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn raises the signal that ended it once more when it is done: taken here, so that the exit code is
    # 0.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.run(sockets=[listener])


def size(text: str) -> int:
    """Reads a number of bytes, with or without a suffix such as KB, MB or MiB; ValueError if it is none."""
    digits = text.rstrip("BKMGIbkmgi")
    factor = SUFFIXES.get(text[len(digits) :].upper())
    if factor is None or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"--max-body {text}: expected a number of bytes, such as 1000000 or 256MB")
    return int(digits) * factor


def main() -> None:
    """Runs the command line."""
    if sys.argv[1:2] == [PROXY]:
        # Imported here, as the mock starts without what judging needs.
        from mock_server.proxy.command import main as run_proxy

        run_proxy(sys.argv[2:])
    try:
        cli(prog_name=COMMAND, standalone_mode=False)
    except UsageError as error:
        fail(cast(typer.BadParameter, error).format_message())


def _logging() -> dict[str, object]:
    """Answers uvicorn's log configuration with everything on stderr: stdout has one line, for programs."""
    config = deepcopy(LOGGING_CONFIG)
    config["handlers"]["access"]["stream"] = "ext://sys.stderr"
    return config


if __name__ == "__main__":
    main()
