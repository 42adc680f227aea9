"""Replies made up for tests: what a client answered, and what was heard of it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.client.heard import Heard
from conformance.client.reply import Reply


def heard(**changed: Any) -> Heard:
    """A request for an upload as the mock journals it, changed in some fields."""
    entry = {
        "method": "POST",
        "raw_path": "/namespaces/a%2Fb%20%C3%A9/vectors",
        "query": "limit=1&next_token=a%26b+c&empty=",
        "headers": {},
        "body": '{"n": 1.0}',
        "status": 202,
        "answer": '{"ok": true}',
        "fault": None,
        "committed": True,
        "monotonic": 10.0,
        "seconds": 0.5,
    }
    return Heard.of({**entry, **changed})


def reply(answer: Mapping[str, Any], *requests: Heard, failure: str = "") -> Reply:
    """The reply of a client to an upload."""
    line = json.dumps({"operation": "uploadVectors", "arguments": {"namespace_name": "a/b é"}})
    found: Sequence[Heard] = requests
    return Reply(["client"], line, answer, failure, found)
