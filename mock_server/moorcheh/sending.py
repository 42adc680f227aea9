"""What uploads send, read for the ledger where no operation reads them: as far as it can be."""

from collections.abc import Callable

import orjson

from mock_server.ledger import Sent
from mock_server.service import Call


def items_in(field: str) -> Callable[[Call], Sent | None]:
    """Makes a reader of the items that a body holds under a field; a body that is no JSON object has none."""

    def read(call: Call) -> Sent | None:
        try:
            document = orjson.loads(call.body)
        except ValueError:
            return None
        items = document.get(field) if isinstance(document, dict) else None
        if not isinstance(items, list):
            return None
        ids = [item.get("id") for item in items if isinstance(item, dict)]
        return Sent(call.parameters["namespace"], [each for each in ids if isinstance(each, str)], len(items))

    return read
