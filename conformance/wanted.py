"""What a user wants of the suite inside their own pytest, in the words of the suite's own command line."""

import contextlib
import inspect
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import typer

from conformance.binding import Bind
from conformance.cortex.command import bind_cortex, cortex
from conformance.moorcheh.command import bind_moorcheh, moorcheh
from conformance.options import with_wishes
from conformance.wishes import Wishes

COMMANDS: dict[str, tuple[Callable[..., None], Bind]] = {
    "moorcheh": (moorcheh, bind_moorcheh),
    "cortex": (cortex, bind_cortex),
}


class UnwantedError(ValueError):
    """The suite cannot do what was asked of it; the message says why, in one line."""


def wanted(service: str, words: Sequence[str]) -> tuple[Wishes, dict[str, Any]]:
    """What words mean as options of a service's command: the shared ones, and its own by name.

    Raises:
        UnwantedError: The command does not understand them.
    """
    caught: list[tuple[Wishes, dict[str, Any]]] = []

    def catch(wishes: Wishes, **own: Any) -> None:
        caught.append((wishes, own))

    catch.__signature__ = inspect.signature(COMMANDS[service][0])  # type: ignore[attr-defined]  # what inspect reads
    parser = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    parser.command()(with_wishes(catch))
    with refusals():
        try:
            parser(args=list(words), prog_name=service)
        except SystemExit as end:
            if end.code:
                raise typer.Exit(2) from None
    if not caught or caught[0][0].list_only or caught[0][0].explain:
        raise UnwantedError("nothing to run")
    return caught[0]


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turns the line that a command ends with, where it cannot do what was asked of it, into an error.

    Raises:
        UnwantedError: The command ended.
    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            yield
    except typer.Exit as end:
        line = said.getvalue().strip().splitlines()[-1]
        raise UnwantedError(line.removeprefix("vecpact-check: ").removeprefix("Error: ").strip()) from end
