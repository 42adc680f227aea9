"""The ledger: what was sent, committed, answered and stored."""

from functools import cache

from mock_server.service import Answer, Call
from mock_server.session import World


def show(world: World, _call: Call) -> Answer:
    """Lists the uploads, and weighs what they sent against what is stored."""
    parts = {part.service: part for part in world.parts.values()}
    return Answer(200, world.ledger.balance(cache(lambda service, scope: parts[service].held(scope))))


def clear(world: World, call: Call) -> Answer:
    """Forgets the uploads there were."""
    world.ledger.clear()
    return show(world, call)
