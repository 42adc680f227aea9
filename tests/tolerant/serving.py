"""Servers that carry an application's answers over a socket, each in a way of its own that HTTP allows."""

import contextlib
import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from conformance.asgi import AsgiTransport
from conformance.exchange import Exchange
from conformance.target import Target

PIECE = 7

Serve = Callable[[Any], AbstractContextManager[str]]


class _Handler(BaseHTTPRequestHandler):
    """Passes each request on to an application in this process, and its answer back."""

    target: Target
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Answers one request, whatever its method."""
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")
        }
        exchange = self.target.send(self.command, self.path, content=content, headers=headers)
        assert exchange.status is not None
        self.send_response_only(exchange.status)
        self.answer(exchange)
        self.wfile.flush()

    def answer(self, exchange: Exchange) -> None:
        """Writes the rest of the answer."""
        self.write(exchange.answer, {"Content-Length": len(exchange.answer)})

    def write(self, body: bytes, headers: Mapping[str, Any]) -> None:
        """Writes headers and body as they are."""
        self.send_header("Content-Type", "application/json")
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)


class _Old(_Handler):
    protocol_version = "HTTP/1.0"


class _Closing(_Handler):
    def answer(self, exchange: Exchange) -> None:
        super().write(exchange.answer, {"Content-Length": len(exchange.answer), "Connection": "close"})
        self.close_connection = True


class _ClosingInSilence(_Handler):
    def answer(self, exchange: Exchange) -> None:
        super().answer(exchange)
        self.close_connection = True


class _Unmeasured(_Handler):
    """The end of the connection is the end of the body."""

    def answer(self, exchange: Exchange) -> None:
        super().write(exchange.answer, {"Connection": "close"})
        self.close_connection = True


class _Chunked(_Handler):
    def answer(self, exchange: Exchange) -> None:
        body = exchange.answer
        pieces = [body[start : start + PIECE] for start in range(0, len(body), PIECE)]
        chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b"")]
        super().write(b"".join(chunks), {"Transfer-Encoding": "chunked"})


class _Zipped(_Handler):
    def answer(self, exchange: Exchange) -> None:
        body = gzip.compress(exchange.answer, 1)
        super().write(
            body, {"Content-Length": len(body), "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        )


def _serve(handler: type[_Handler]) -> Serve:
    @contextlib.contextmanager
    def serving(app: Any) -> Iterator[str]:
        with Target("http://inner", transport=AsgiTransport(app)) as target:
            bound = type("Bound", (handler,), {"target": target})
            server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
            server.daemon_threads = True
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()
                server.server_close()

    return serving


SERVERS: Mapping[str, Serve] = {
    "HTTP/1.0": _serve(_Old),
    "closing": _serve(_Closing),
    "closing in silence": _serve(_ClosingInSilence),
    "unmeasured": _serve(_Unmeasured),
    "chunked": _serve(_Chunked),
    "gzip": _serve(_Zipped),
}
