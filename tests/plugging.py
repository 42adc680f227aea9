"""How pytest comes by the project's own plugin."""

from importlib.metadata import entry_points

PLUGIN = "mock_server.fixtures.plugin"
# Where the project is installed pytest finds its plugin by itself, and naming it once more would be an error.
NAMED = [] if entry_points(group="pytest11", name="vecpact") else [PLUGIN]
OPTIONS = [option for name in NAMED for option in ("-p", name)]
"""What a session of its own has to be started with."""
