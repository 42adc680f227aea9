"""Speaks the protocol of the client suite: `python -m tests.careless [FAULT]`, careful without a fault.

With `otherwise` in place of a fault it is as careful, by other choices.
"""

import json
import os
import sys
import time
from typing import Any

from tests.careless.clients import CLIENTS, OFFERED
from tests.careless.faults import FAULTS
from tests.careless.otherwise import otherwise
from tests.careless.transport import Transport
from tests.careless.ways import Failed, Ways

OTHERWISE = "otherwise"


def main() -> None:
    """Answers requests until the input ends."""
    ways = Ways()
    for word in sys.argv[1:]:
        ways = otherwise(ways) if word == OTHERWISE else FAULTS[word].change(ways)
    for line in sys.stdin:
        asked = json.loads(line, object_hook=number)
        try:
            answer = {"result": carry_out(ways, asked)}
        except Failed as failed:
            answer = {"error": failed.error}
        print(json.dumps({"id": asked["id"], **answer}), flush=True)  # noqa: T201  # this is the protocol


def carry_out(ways: Ways, asked: dict[str, Any]) -> Any:
    """Carries out one request."""
    if asked["operation"] not in OFFERED[asked["service"]]:
        raise Failed("unsupported")
    limits = asked["limits"]
    # A little is kept back for the answer to the suite.
    deadline = time.monotonic() + 0.9 * limits["operation"]
    transport = Transport(ways, asked["base_url"], asked.get("api_key"), limits["answer"], deadline)
    return CLIENTS[asked["service"]](transport).carry_out(asked["operation"], asked["arguments"])


def number(document: dict[str, Any]) -> Any:
    """A number that JSON cannot write comes as `{"$float": "NaN"}`."""
    return float(document["$float"]) if document.keys() == {"$float"} else document


if __name__ == "__main__":
    try:
        main()
    except SystemExit:
        # A fault that dies does so at once, whatever else is open.
        os._exit(3)
