"""The examples of schemas/moorcheh hold against the mock."""

from pathlib import Path
from typing import Any

import pytest

from mock_server import create_app
from tests.mock_server.calling import Client
from tests.mock_server.replaying import read_examples, replay


@pytest.mark.parametrize("example", [*read_examples("moorcheh")])
def test_the_mock_answers_as_the_example(example: dict[str, Any], tmp_path: Path) -> None:
    for path, content in example.get("files", {}).items():
        (tmp_path / path.removeprefix("/uploads/")).write_text(content, "utf-8")
    replay(Client(create_app(files=[tmp_path], **example.get("settings", {}))), example)
