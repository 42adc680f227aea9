"""The command line of the mock server: `python -m mock_server`, or `vecpact-mock` once installed."""

import gc
import signal
import sys

PROXY = "proxy"


def main() -> None:
    """Runs the command line."""
    # Until a command takes signals itself there is nothing that Ctrl-C has to end with care.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Commands are imported here, each without what only another one needs.
    if sys.argv[1:2] == [PROXY]:
        from mock_server.proxy.command import main as run_proxy

        run_proxy(sys.argv[2:])
    # Imports leave next to nothing to collect: looking for it takes a fifteenth of a start.
    gc.disable()
    from mock_server.command import serve

    serve(sys.argv[1:])


if __name__ == "__main__":
    main()
