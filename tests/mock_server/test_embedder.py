"""Embedders: the function that a user gives, what it refuses, and where it is found."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mock_server.embedder import Embedder, load, reason
from tests.mock_server.conftest import Serve


def lengths(texts: Sequence[str]) -> Any:
    """Embeds a text by its letters and blanks; one with a question mark at its start is refused."""
    if any(text.startswith("?") for text in texts):
        raise RuntimeError("no\n questions")
    return np.array([[len(text), text.count(" ") + 1] for text in texts], np.float32)


class Lengths:
    """An embedder that is an object."""

    def __call__(self, texts: list[str]) -> Any:
        """Embeds as `lengths` does."""
        return lengths(texts)


def test_rows_are_directions_and_an_empty_batch_has_none() -> None:
    embedder = Embedder(lengths)
    block, faults = embedder.embed(["abc d", "a"])
    assert (embedder.dimension, block.dtype.name, faults) == (2, "float32", {})
    assert np.linalg.norm(block, axis=1) == pytest.approx([1.0, 1.0])
    assert embedder.embed([])[0].shape == (0, 2)


def test_a_refused_text_costs_only_its_own_row() -> None:
    block, faults = Embedder(lengths).embed(["a", "?", "b"])
    assert faults == {1: "the embedder refuses the text: no questions"}
    assert [row.any() for row in block] == [True, False, True]


def test_too_long_a_text_is_not_shown_to_the_function() -> None:
    shown: list[str] = []

    def embed(texts: list[str]) -> Any:
        shown.extend(texts)
        return [[1.0]] * len(texts)

    embedder = Embedder(embed, max_text=3)
    shown.clear()
    block, faults = embedder.embed(["abcd", "abc"])
    assert (shown, block.tolist()) == (["abc"], [[0.0], [1.0]])
    assert faults == {0: "the text has 4 characters, at most 3 are embedded"}
    assert embedder.embed(["abcd"])[1] == faults


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda texts: [1.0] * len(texts), "not a row for each"),
        (lambda texts: [[1.0]] * (len(texts) + 1), "not a row for each"),
        (lambda texts: [[]] * len(texts), "not a row for each"),
        (lambda texts: [[float("nan")]] * len(texts), "not finite"),
        (lambda *_: "vectors", "could not convert"),
        (lambda *_: None, "not a row for each"),
        (lambda: None, "takes 0 positional arguments"),
    ],
)
def test_a_useless_function_is_a_value_error(answer: Callable[..., Any], why: str) -> None:
    with pytest.raises(ValueError, match=rf"the embedder .*:.* cannot be used: .*{why}"):
        Embedder(answer)


def test_a_vector_of_another_length_is_refused() -> None:
    embedder = Embedder(lambda texts: [[1.0] * (1 if "." in text else 2) for text in texts])
    block, faults = embedder.embed(["a", "b.", "c"])
    assert faults == {1: "the embedder refuses the text: it answers vectors of 1 numbers, of 2 before"}
    assert block[:, 0].astype(bool).tolist() == [True, False, True]


def test_an_embedder_is_named_for_its_function_or_class() -> None:
    assert Embedder(lengths).name == f"{__name__}:lengths"
    assert Embedder(Lengths()).name == f"{__name__}:Lengths"
    assert Embedder(lengths, name="own").name == "own"


def test_a_function_is_loaded_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_embedder.py").write_text("def embed(texts):\n    return [[2.0] for _ in texts]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert Embedder(load("my_embedder:embed")).embed(["a"])[0].tolist() == [[1.0]]
    assert load("my_embedder:embed") is load("my_embedder:embed")
    sys.modules.pop("my_embedder")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "expected module:function"),
        ("module", "expected module:function"),
        (":function", "expected module:function"),
        ("no_such_module:embed", "No module named 'no_such_module'"),
        ("json:embed", "module 'json' has no function 'embed'"),
        ("json:__name__", "module 'json' has no function '__name__'"),
        ("broken_embedder:embed", "invalid syntax"),
    ],
)
def test_what_is_no_function_is_a_value_error_of_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str
) -> None:
    (tmp_path / "broken_embedder.py").write_text("def embed(\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=re.escape(f"--embedder {text}: ")) as caught:
        load(text)
    assert (
        why in str(caught.value) or "was never closed" in str(caught.value),
        "\n" in str(caught.value),
    ) == (
        True,
        False,
    )


def test_an_error_without_words_is_told_by_its_type() -> None:
    assert [reason(KeyError()), reason(ValueError(" a\n b "))] == ["KeyError", "a b"]


def test_a_server_stores_what_its_embedder_takes_and_searches_with_it(serve: Serve) -> None:
    client = serve(jobs="instant", embedder=lengths)
    client.create("notes", None)
    texts = {"long": "a" * 30, "refused": "? a question", "blanks": "a b c d e"}
    documents = [{"id": item_id, "text": text} for item_id, text in texts.items()]
    job_id = client.post("/namespaces/notes/documents", {"documents": documents}).body["job_id"]
    job = client.job(job_id, "notes")
    assert (job["status"], job["successful"], job["failed"]) == ("completed", 2, 1)
    assert job["last_error"] == "the embedder refuses the text: no questions"
    assert client.count() == 2
    found = client.post("/search", {"query": "x y z", "namespaces": ["notes"]}).body["results"]
    assert [hit["id"] for hit in found] == ["blanks", "long"]
    refused = client.post("/search", {"query": "?", "namespaces": ["notes"]})
    assert (refused.status, refused.body["status"]) == (400, "error")
    assert (
        "query: the embedder refuses the text: no questions [moorcheh.search.query-type]" in refused.message
    )
