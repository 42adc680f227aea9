"""Joins what is done with each exchange that passes by: judged, counted, written down."""

from itertools import count

from mock_server.proxy.exchange import Exchange, Headers
from mock_server.proxy.judging import Judge
from mock_server.proxy.recording import Recorder
from mock_server.proxy.report import Report


class Watch:
    """Follows exchanges from their first line to their last octet."""

    def __init__(self, judge: Judge, report: Report, recorder: Recorder | None = None) -> None:
        self._judge = judge
        self._report = report
        self._recorder = recorder
        self._numbers = count(1)

    def begin(self, method: str, target: str, headers: Headers) -> Exchange:
        """Numbers a request."""
        return Exchange(next(self._numbers), method, target, headers)

    def sent(self, exchange: Exchange) -> None:
        """Lets the judge know of a request that is about to reach the server."""
        self._judge.sent(exchange)

    def answered(self, exchange: Exchange) -> None:
        """Judges an exchange that is over, and writes it down."""
        judgement = self._judge.judge(exchange)
        self._report.add(exchange, judgement)
        if self._recorder is not None:
            self._recorder.write(exchange, judgement)
