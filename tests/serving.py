"""A mock server on a real socket, in this process."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from mock_server.protocol import HttpProtocol
from mock_server.routing import Mock
from mock_server.stopping import PromptServer


@contextmanager
def serving(app: Mock) -> Iterator[str]:
    """Serves an application on a free port of 127.0.0.1 and gives its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = PromptServer(
            uvicorn.Config(
                app, http=HttpProtocol, lifespan="off", ws="none", proxy_headers=False, log_config=None
            )
        )
        # The socket listens already, so a request made before the server runs only waits for it.
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.stop()
            thread.join()
