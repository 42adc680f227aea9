"""Snapshots: the world as a file, and back."""

from mock_server.admin.asked import REQUEST
from mock_server.admin.worlds import state
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World


def save(world: World, _call: Call) -> Answer:
    """Answers the world as a file."""
    # Snapshots alone need all of this: a server that makes none starts without.
    from mock_server import snapshot

    return Answer(200, snapshot.save(world))


def restore(world: World, call: Call) -> Answer:
    """Puts the world of a file in the place of this one, whole or not at all."""
    from mock_server import snapshot

    try:
        snapshot.load(world, call.body)
    except snapshot.UnfitError as error:
        raise Refused(REQUEST, str(error)) from None
    return state(world, call)
