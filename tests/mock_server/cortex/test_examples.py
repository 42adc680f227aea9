"""The examples of schemas/cortex hold against the mock."""

from typing import Any

import pytest

from mock_server import create_app
from tests.mock_server.calling import Client
from tests.mock_server.replaying import read_examples, replay


@pytest.mark.parametrize("example", [*read_examples("cortex")])
def test_the_mock_answers_as_the_example(example: dict[str, Any]) -> None:
    replay(Client(create_app(services=["cortex"], **example.get("settings", {}))), example)
