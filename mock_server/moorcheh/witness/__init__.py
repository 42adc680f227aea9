"""What the traffic of a foreign Moorcheh server breaks, and what it tells of the server's state."""

from mock_server.moorcheh.witness.witness import MoorchehWitness

__all__ = ["MoorchehWitness"]
