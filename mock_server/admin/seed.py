"""Seeding: fills the world with items of a service."""

from mock_server.admin.asked import REQUEST, document_of
from mock_server.admin.worlds import state
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World


def fill(world: World, call: Call) -> Answer:
    """Stores as many items as asked for, and makes the namespace or the tenant they go to if need be."""
    document = document_of(call)
    service = document.get("service")
    seeds = world.worlds.seeds
    if not isinstance(service, str) or service not in seeds:
        got = repr(service) if isinstance(service, str) else "nothing such"
        raise Refused(REQUEST, f"service: expected {' or '.join(seeds)}, got {got}")
    seeds[service](world, document)
    return state(world, call)
