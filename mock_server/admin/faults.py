"""Faults: ask for some, look how often they struck, take them away."""

from mock_server.admin.asked import REQUEST, document_of
from mock_server.payload import kind
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World

UNKNOWN = "mock.fault"


def add(world: World, call: Call) -> Answer:
    """Adds one fault, or those in a list under `faults`, all or none."""
    document = document_of(call)
    asked = document.get("faults", [document])
    if not isinstance(asked, list):
        raise Refused(REQUEST, f"faults: expected an array, got {kind(asked)}")
    if "faults" in document and len(document) > 1:
        raise Refused(REQUEST, "expected a fault, or nothing but an array of some under faults")
    try:
        added = world.faults.add(*asked)
    except ValueError as error:
        raise Refused(REQUEST, str(error)) from None
    return Answer(200, {"faults": [fault.view() for fault in added]})


def show(world: World, _call: Call) -> Answer:
    """Lists the faults, and how many requests each has seen and met."""
    return Answer(200, {"faults": [fault.view() for fault in world.faults]})


def clear(world: World, call: Call) -> Answer:
    """Takes all faults away."""
    world.faults.clear()
    return show(world, call)


def remove(world: World, call: Call) -> Answer:
    """Takes one fault away."""
    fault_id = call.parameters["fault_id"]
    try:
        world.faults.remove(fault_id)
    except KeyError:
        raise Refused(UNKNOWN, f"no fault {fault_id!r} here") from None
    return show(world, call)
