"""What the traffic of a foreign Cortex server breaks, and what it tells of the server's state."""

from mock_server.cortex.witness.witness import CortexWitness

__all__ = ["CortexWitness"]
