"""What the commands of the mock share: the port they listen on, and how they end over a user's mistake."""

import socket
import sys
from typing import NoReturn

COMMAND = "vecpact-mock"


def listen(host: str, port: int) -> socket.socket:
    """Binds a port, or ends with one line that says why not."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, UnicodeError) as error:
        reason = str(getattr(error, "strerror", error)).partition(" (while")[0]
        fail(f"cannot listen on {host} port {port}: {reason}; --port 0 picks a free one")


def fail(message: str) -> NoReturn:
    """Ends with a line on stderr and exit code 2."""
    sys.stderr.write(f"{COMMAND}: {message}\n")
    sys.exit(2)
