"""The command `cortex`: its own options, and where its server comes from."""

import contextlib
from collections.abc import Iterator
from typing import Annotated, Literal

from conformance.binding import Binding
from conformance.command import carry_out
from conformance.cortex import CORTEX
from conformance.cortex.driver import Cortex, Terms
from conformance.embedded import bundled_mock
from conformance.options import Option
from conformance.redaction import STAND_IN
from conformance.target import Target
from conformance.wishes import Wishes, fail

ANY_KEY = STAND_IN


def cortex(
    wishes: Wishes,
    form: Annotated[
        Literal["auto", "both", "documents", "matrix"],
        Option(help="The request forms spoken; auto looks which exist."),
    ] = "auto",
    api_key: Annotated[
        str,
        Option(metavar="KEY", envvar="VECPACT_API_KEY", help="The bearer key to send."),
    ] = ANY_KEY,
) -> None:
    """Proves the raw-embeddings API of Cortex."""
    with bind_cortex(wishes, form=form, api_key=api_key) as binding:
        carry_out(
            binding.service,
            wishes,
            bundled_mock(binding.mock_options),
            binding.connect,
            own_headers=binding.headers,
            own_options=binding.options,
        )


@contextlib.contextmanager
def bind_cortex(
    wishes: Wishes, *, form: Literal["auto", "both", "documents", "matrix"], api_key: str
) -> Iterator[Binding]:
    """What the options of the command make of the service."""
    if not (api_key.isascii() and api_key.isprintable() and api_key.strip()):
        fail("--api-key: expected printable ASCII")
    own = ["--form", form] if form != "auto" else []
    own += ["--api-key", "..."] if api_key != ANY_KEY else []

    def connect(target: Target) -> Cortex:
        return Cortex(target, Terms(wishes.job_timeout, form))

    key = {"Authorization": f"Bearer {api_key}"}
    yield Binding(CORTEX, connect, ["cortex"], key, own)
