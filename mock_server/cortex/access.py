"""Who may call: those with a bearer key."""

from mock_server.cortex import rules
from mock_server.cortex.rules import Credentials
from mock_server.rules import judge
from mock_server.service import Call
from mock_server.session import World


def admit(world: World, call: Call) -> None:
    """Lets a call pass that brings a key which the world takes; `Refused` if it does not."""
    judge(rules.KEY, Credentials(call.headers.get("authorization", ""), world.settings.api_key))
