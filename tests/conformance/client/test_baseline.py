"""The baseline of a client: without it, nothing that it does proves anything."""

from collections.abc import Callable, Iterator

import pytest

from conformance.client.driver import Client
from conformance.cortex.client.scene import baseline_of as cortex_baseline
from conformance.moorcheh.client.scene import baseline_of as moorcheh_baseline
from conformance.target import Target, Unreachable
from tests.conformance.client.programs import ANSWER, UNSUPPORTED, speaking

BASELINES = {"moorcheh": moorcheh_baseline, "cortex": cortex_baseline}
FAILING = 'print(json.dumps({"id": number, "error": {"kind": "timeout"}}))'
Baseline = Callable[[str], str]


@pytest.fixture(params=BASELINES)
def baseline(request: pytest.FixtureRequest, server_url: str) -> Iterator[Baseline]:
    """Measures a program that does this for each request, as a client of either service."""
    with Target(server_url) as target:

        def measured(body: str) -> str:
            client = Client(target, speaking(body), request.param, api_key="k")
            try:
                return BASELINES[request.param](client)
            finally:
                client.end_run()

        yield measured


def test_success_without_a_vector_is_none(baseline: Baseline) -> None:
    assert baseline(ANSWER) == "the client tells of success, and no vector is stored: no request"


def test_an_upload_has_to_be_offered(baseline: Baseline) -> None:
    assert "uploadVectors" in baseline(UNSUPPORTED) or "uploadEmbeddings" in baseline(UNSUPPORTED)


def test_an_upload_has_to_succeed(baseline: Baseline) -> None:
    assert baseline(FAILING).startswith('the client does not upload a vector: {"id": ')


@pytest.mark.parametrize("body", ["os._exit(2)", 'print("what?")'], ids=["dead", "garbled"])
def test_a_client_has_to_speak(baseline: Baseline, body: str) -> None:
    with pytest.raises(Unreachable, match="the client"):
        baseline(body)
