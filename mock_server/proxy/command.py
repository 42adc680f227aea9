"""The command `proxy`: `python -m mock_server proxy --to URL`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn, cast

import typer

from mock_server.contract import EVIDENCE
from mock_server.listening import fail, listen
from mock_server.proxy.judging import WITNESSES, Judge
from mock_server.proxy.peer import Address
from mock_server.proxy.recording import Recorder
from mock_server.proxy.report import Report
from mock_server.proxy.server import Proxy, stopped_by_signals
from mock_server.proxy.watching import Watch

NAME = "proxy"
BROKEN = 1
USUAL_EVIDENCE = "documented,implied"
USUAL_TIMEOUT = 60.0
# Typer's base of all mistakes on the command line has no public name of its own.
UsageError = cast(type[Exception], typer.BadParameter.__bases__[0])

cli = typer.Typer(add_completion=False, rich_markup_mode=None)


@cli.command(NAME)
def proxy(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="Where the server is that is watched.")],
    service: Annotated[
        Literal["moorcheh", "cortex", "both"], typer.Option(help="Whose contract holds.")
    ] = "both",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.")] = 8081,
    evidence: Annotated[
        str, typer.Option(metavar="LEVELS", help="Evidence that counts: documented,implied,assumed.")
    ] = USUAL_EVIDENCE,
    shared: Annotated[
        bool, typer.Option("--shared", help="Others change the server too: judge each exchange by itself.")
    ] = False,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JSON report at the end.")] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every exchange, a JSON object a line.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0.001, metavar="SECONDS", help="Longest silence of either end.")
    ] = USUAL_TIMEOUT,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the summary alone.")] = False,
) -> None:
    """Passes traffic to a server through unchanged, and says which clauses it breaks, until Ctrl-C.

    Exit code: 0 no clause that must be kept is broken; 1 one is; 2 the proxy could not do its work.
    """
    try:
        address = Address.of(to)
    except ValueError as error:
        raise typer.BadParameter(f"--to {error}") from None
    if not 0 <= port <= 65535:
        raise typer.BadParameter(f"--port {port}: expected 0 to 65535")
    levels = evidence.split(",")
    if not set(levels) <= set(EVIDENCE):
        raise typer.BadParameter(f"--evidence {evidence}: expected some of {','.join(EVIDENCE)}")
    services = [*WITNESSES] if service == "both" else [service]
    report = Report(_nothing if quiet else _say, _warn)
    try:
        recorder = Recorder.to(record) if record else None
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    listener = listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    own = f"http://{shown}:{listener.getsockname()[1]}"
    names = " and ".join(name.capitalize() for name in services)
    watch = Watch(Judge(services, levels, alone=not shared), report, recorder)

    async def run() -> None:
        with stopped_by_signals() as stop:
            announce = f"vecpact proxy: {names} at {address.url} on {own}"
            await Proxy(address, watch, timeout).serve(listener, lambda: _say(announce), stop)

    asyncio.run(run())
    _say(report.table())
    if recorder is not None:
        recorder.close()
    if json is not None:
        try:
            report.write(json, address.url)
        except OSError as error:
            fail(f"{error.filename}: {error.strerror}")
    raise typer.Exit(BROKEN if report.is_broken else 0)


def main(arguments: list[str]) -> NoReturn:
    """Runs the command with the words that follow its name, and ends with its exit code."""
    try:
        code = cli(arguments, prog_name=f"vecpact-mock {NAME}", standalone_mode=False)
    except UsageError as error:
        fail(cast(typer.BadParameter, error).format_message())
    sys.exit(code)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _warn(line: str) -> None:
    sys.stderr.write(f"vecpact proxy: {line}\n")
    sys.stderr.flush()


def _nothing(_line: str) -> None:
    """Says nothing."""
