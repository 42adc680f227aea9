"""Programs that stand in for clients: each as large as one way to keep or to leave the protocol."""

import sys
from collections.abc import Sequence

LOOP = """
import json, sys, time, os
for line in sys.stdin:
    asked = json.loads(line)
    number = asked["id"]
    {body}
    sys.stdout.flush()
"""
ANSWER = 'print(json.dumps({"id": number, "result": asked["arguments"]}))'
UNSUPPORTED = 'print(json.dumps({"id": number, "error": {"kind": "unsupported"}}))'


def python(code: str) -> Sequence[str]:
    """A command that runs this code."""
    return [sys.executable, "-c", code]


def speaking(body: str) -> Sequence[str]:
    """A command that runs this code for each request: `asked`, with its `number`."""
    return python(LOOP.replace("{body}", body))
