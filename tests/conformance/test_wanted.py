"""What a user wants inside pytest is read as the suite's own command line reads it."""

from typing import Any

import pytest

from conformance.cortex import CORTEX
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import Moorcheh
from conformance.target import Target
from conformance.wanted import COMMANDS, UnwantedError, refusals, wanted
from conformance.wishes import fail


def test_words_are_the_options_of_the_command() -> None:
    words = ["--base-url", "http://server", "--quick", "--seed", "7", "--only", "*.health.*", "--fill-quota"]
    wishes, own = wanted("moorcheh", words)
    assert (wishes.base_url, wishes.quick, wishes.seed, list(wishes.only)) == (
        "http://server",
        True,
        7,
        ["*.health.*"],
    )
    assert own == {"fill_quota": True, "files_dir": "", "generation": "auto"}
    assert wanted("cortex", ["--form", "matrix", "--api-key", "k"])[1] == {"form": "matrix", "api_key": "k"}


@pytest.mark.parametrize(
    ("service", "own", "expected", "headers"),
    [
        ("moorcheh", ["--generation", "v1"], MOORCHEH, {}),
        ("cortex", ["--api-key", "k"], CORTEX, {"Authorization": "Bearer k"}),
    ],
)
def test_they_bind_the_service(service: str, own: list[str], expected: Any, headers: dict[str, str]) -> None:
    wishes, kept = wanted(service, ["--base-url", "http://server", *own])
    with COMMANDS[service][1](wishes, **kept) as binding:
        assert (binding.service, binding.headers) == (expected, headers)
        assert list(binding.options) == (own if service == "moorcheh" else ["--api-key", "..."])
        with Target("http://server") as target:
            assert isinstance(binding.connect(target), Moorcheh) == (service == "moorcheh")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--no-such"], "No such option: --no-such"),
        (["--seed", "x"], "Invalid value for '--seed'"),
        (["--generation", "v3"], "Invalid value for '--generation'"),
        (["--help"], "nothing to run"),
        (["--list"], "nothing to run"),
        (["--explain", "moorcheh.health.answers"], "nothing to run"),
    ],
)
def test_words_that_make_no_sense_are_refused(
    words: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnwantedError, match=said):
        wanted("moorcheh", words)
    assert capfd.readouterr() == ("", "")


def test_the_line_that_would_end_a_command_is_the_reason() -> None:
    with pytest.raises(UnwantedError, match=r"^it cannot be$"), refusals():
        fail("it cannot be")
