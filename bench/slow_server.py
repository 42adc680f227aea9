"""Runs the suite on a mock that answers late, and tells how long it takes: a slow server must not cost hours.

python -m bench.slow_server moorcheh --milliseconds 50
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bench import machine
from mock_server import create_app
from tests.serving import serving

ROOT = Path(__file__).resolve().parents[1]


def late(application: Any, seconds: float) -> Any:
    """An ASGI application that answers as another does, but later."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(seconds)
        await application(scope, receive, send)

    return answer


def run(
    service: Annotated[Literal["moorcheh", "cortex"], typer.Argument(help="Whose suite.")] = "moorcheh",
    milliseconds: Annotated[float, typer.Option(min=0, help="What each answer takes longer.")] = 50.0,
    workers: Annotated[int, typer.Option(min=0, help="Checks at the same time; 0 for what is usual.")] = 0,
) -> None:
    """Runs the suite at its usual size, and prints how it ended, in what time, and on what machine."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        application = late(create_app(files=[folder]), milliseconds / 1_000)
        with serving(application) as url:
            words = ["--files-dir", str(folder)] if service == "moorcheh" else []
            words += ["--workers", str(workers)] if workers else []
            command = [sys.executable, "-m", "conformance", service, "--base-url", url, *words]
            begun = time.monotonic()
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            took = time.monotonic() - begun
    typer.echo("\n".join(line for line in done.stdout.splitlines() if not line.startswith("kept ")))
    described = machine.described()
    on = f"{described['cores']} cores of {described['processor']}, load {machine.load()}"
    typer.echo(f"exit code {done.returncode} after {took:.0f} s on {on}")


if __name__ == "__main__":
    typer.run(run)
