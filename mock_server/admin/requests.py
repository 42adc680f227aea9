"""Requests: what the journal holds of them."""

from mock_server.admin.asked import number_in, parameters_of
from mock_server.service import Answer, Call
from mock_server.session import World


def show(world: World, call: Call) -> Answer:
    """Lists the requests that fit, oldest first; of more than `limit` the newest."""
    asked = parameters_of(call, "method", "path", "status", "clause", "limit")
    status = number_in(asked["status"], "status") if "status" in asked else None
    chosen = world.journal.chosen(asked.get("method"), asked.get("path"), status, asked.get("clause"))
    if "limit" in asked:
        chosen = chosen[max(0, len(chosen) - number_in(asked["limit"], "limit")) :]
    return Answer(200, {"requests": [each.view() for each in chosen], "dropped": world.journal.dropped})


def clear(world: World, _call: Call) -> Answer:
    """Forgets the requests there were."""
    world.journal.clear()
    return Answer(200, {"requests": [], "dropped": 0})
