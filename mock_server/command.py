"""The command that serves the APIs: `python -m mock_server`."""

import argparse
import gc
import signal
import socket
import sys
from collections.abc import Sequence
from copy import deepcopy
from typing import NoReturn

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from mock_server.app import MAX_BODY, SERVICES, create_app
from mock_server.embedder import MAX_TEXT, load
from mock_server.equipment import GENERATIONS
from mock_server.listening import COMMAND, fail, listen
from mock_server.memory import Housekeeping
from mock_server.protocol import HttpProtocol
from mock_server.stopping import PromptServer

LEVELS = ("critical", "error", "warning", "info", "debug")
SUFFIXES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
KEEP_ALIVE = 75  # seconds: longer than clients keep idle connections, so that it is they who close them


class Announcing(PromptServer):
    """A server that says on stdout where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says so."""
        await super().startup(sockets)
        # What there is now stays, so the collector, which `main` has stopped, need not look at it ever.
        gc.freeze()
        gc.enable()
        sys.stdout.write(self._announcement + "\n")
        sys.stdout.flush()


class Parser(argparse.ArgumentParser):
    """Reads a command line; a mistake in it costs one line and exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Ends with what is wrong."""
        fail(message)


def parser() -> Parser:
    """Makes the parser of the options; argparse, as it costs a start a tenth of what typer does."""
    reads = Parser(
        prog=COMMAND,
        usage=f"{COMMAND} [OPTIONS] [SERVICE]...",
        description="Serves the APIs of Moorcheh on-prem and of Cortex from memory until Ctrl-C.",
        epilog=f"`{COMMAND} proxy --to URL` watches another server instead; see `{COMMAND} proxy --help`.",
        allow_abbrev=False,
    )
    option = reads.add_argument
    option("services", metavar="SERVICE", nargs="*", help="moorcheh, cortex; without one both")
    option("--host", metavar="ADDRESS", default="127.0.0.1", help="address to listen on [%(default)s]")
    option("--port", metavar="N", type=int, default=8080, help="0 picks a free one [%(default)s]")
    option(
        "--max-items",
        metavar="N",
        type=int,
        default=100_000,
        help="most items stored, over all namespaces [%(default)s]",
    )
    option(
        "--jobs",
        metavar="MODE",
        default="polls=2",
        help="progress: instant, polls=N, time, time=SECONDS or manual [%(default)s]",
    )
    option(
        "--max-body",
        metavar="SIZE",
        default=str(MAX_BODY),
        help="largest body read, in bytes or as 256MB [%(default)s]",
    )
    option(
        "--files",
        metavar="DIR",
        action="append",
        default=[],
        help="folder whose files may be read; the first is /uploads, too; repeatable",
    )
    option(
        "--max-text",
        metavar="N",
        type=int,
        default=MAX_TEXT,
        help="longest text embedded, in characters [%(default)s]",
    )
    option(
        "--embedder",
        metavar="MODULE:FUNCTION",
        default="",
        help="embeds texts in place of the server's own",
    )
    option("--generation", metavar="V", default=GENERATIONS[-1], help="of Moorcheh: v1 or v2 [%(default)s]")
    option("--api-key", metavar="KEY", default="", help="the one key Cortex takes; without it any will do")
    option("--admin-token", metavar="TOKEN", default="", help="what /_mock/ asks for; without it nothing")
    option("--admin-anywhere", action="store_true", help="answers /_mock/ to other machines, too")
    option("--log-level", metavar="LEVEL", default="warning", help=f"{', '.join(LEVELS)} [%(default)s]")
    return reads


def serve(words: Sequence[str]) -> None:
    """Serves the APIs that the words of a command line ask for, until a signal ends it."""
    wanted = parser().parse_intermixed_args(words)
    if wanted.max_items < 0:
        fail(f"--max-items {wanted.max_items}: expected 0 or more")
    if not 0 <= wanted.port <= 65535:
        fail(f"--port {wanted.port}: expected 0 to 65535")
    if wanted.max_text < 1:
        fail(f"--max-text {wanted.max_text}: expected 1 or more")
    if wanted.log_level not in LEVELS:
        fail(f"--log-level {wanted.log_level}: expected one of {', '.join(LEVELS)}")
    try:
        app = create_app(
            services=wanted.services,
            max_items=wanted.max_items,
            jobs=wanted.jobs,
            max_body=size(wanted.max_body),
            api_key=wanted.api_key or None,
            embedder=load(wanted.embedder) if wanted.embedder else None,
            max_text=wanted.max_text,
            files=wanted.files,
            generation=wanted.generation,
            admin_token=wanted.admin_token or None,
            admin_anywhere=wanted.admin_anywhere,
        )
    except ValueError as error:
        fail(str(error))
    listener = listen(wanted.host, wanted.port)
    shown = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        log_level=wanted.log_level,
        log_config=_logging(),
        access_log=wanted.log_level == "debug",
        lifespan="off",
        ws="none",
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_notify=1,
    )
    names = [name.capitalize() for name in dict.fromkeys(wanted.services or SERVICES)]
    url = f"http://{shown}:{listener.getsockname()[1]}"
    server = Announcing(config, f"vecpact mock: {' and '.join(names)} on {url}")
    config.callback_notify = Housekeeping(lambda: server.server_state.total_requests).look

    # uvicorn raises the signal that ended it once more when it is done: taken here, so that the exit code is
    # 0.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    server.run(sockets=[listener])


def size(text: str) -> int:
    """Reads a number of bytes, with or without a suffix such as KB, MB or MiB; ValueError if it is none."""
    digits = text.rstrip("BKMGIbkmgi")
    factor = SUFFIXES.get(text[len(digits) :].upper())
    if factor is None or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"--max-body {text}: expected a number of bytes, such as 1000000 or 256MB")
    return int(digits) * factor


def _logging() -> dict[str, object]:
    """Answers uvicorn's log configuration with everything on stderr: stdout has one line, for programs."""
    config = deepcopy(LOGGING_CONFIG)
    config["handlers"]["access"]["stream"] = "ext://sys.stderr"
    return config
