"""The command line of the suite: `python -m conformance moorcheh`, or `vecpact-check` once installed."""

import io
import signal
import sys

import typer

from conformance.client.command import MEANINGLESS, client_command
from conformance.cortex.client import CORTEX_CLIENT, KEY
from conformance.cortex.command import cortex
from conformance.drift.command import drift
from conformance.moorcheh.client import MOORCHEH_CLIENT
from conformance.moorcheh.command import moorcheh
from conformance.options import with_wishes
from conformance.proving import OPTION, prove

application = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


@application.callback()
def services() -> None:
    """Says, clause by clause, whether a server keeps its documented contract.

    In a clone of the project `--prove SERVICE` proves the suite itself, on mutants of the bundled mock.

    Exit code: 0 it does; 1 a clause is broken, or stale; 2 the suite could not do its work; 130 interrupted.
    """


for command in (moorcheh, cortex):
    application.command(command.__name__)(with_wishes(command))

application.command(drift.__name__)(drift)

clients = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
application.add_typer(clients, name="client")


@clients.callback()
def client() -> None:
    """Says, clause by clause, whether a client keeps its side of a documented contract.

    The client is a program: it reads a JSON line for each thing to do, does it, and answers a JSON line.
    """


for contract, key in ((MOORCHEH_CLIENT, None), (CORTEX_CLIENT, KEY)):
    clients.command(contract.name)(with_wishes(client_command(contract, key), MEANINGLESS))


def main() -> None:
    """Runs the command line."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What servers answer can hold characters that the user's terminal has no code for.
        sys.stdout.reconfigure(errors="backslashreplace")
    # A CI job that is cancelled cleans up like one that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.argv[1:2] == [OPTION]:
        prove(sys.argv[2:])
    application(prog_name="vecpact-check")


if __name__ == "__main__":
    main()
