"""What the proxy says of the traffic: a line for each break, a table and a JSON file at the end."""

import json
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mock_server.contract import contract
from mock_server.proxy.exchange import Exchange
from mock_server.proxy.judging import Finding, Judgement
from mock_server.proxy.recording import as_finding
from mock_server.proxy.redaction import Redaction

MOST_FINDINGS = 10_000
MOST_JOURNALLED = 10_000
LONGEST_LINE = 300
ADVICE = "advice"


class Report:
    """Counts what passes by, and keeps what breaks a clause.

    Args:
        say: Takes a line for each break, as it comes.
        warn: Takes a line for each exchange that the proxy could not pass on.
    """

    def __init__(self, say: Callable[[str], object], warn: Callable[[str], object]) -> None:
        self._say = say
        self._warn = warn
        self._judged = 0
        self._unjudged: Counter[str] = Counter()
        self._findings: list[dict[str, Any]] = []
        self._journal: deque[dict[str, Any]] = deque(maxlen=MOST_JOURNALLED)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._forces: dict[str, str] = {}
        self._firsts: dict[tuple[str, str], str] = {}

    @property
    def exchanges(self) -> int:
        """How many exchanges passed by."""
        return self._judged + self._unjudged.total()

    @property
    def is_broken(self) -> bool:
        """Whether a clause that must be kept is broken."""
        return any(self._forces[clause] == "must" for _, clause in self._counts)

    def add(self, exchange: Exchange, judgement: Judgement) -> None:
        """Counts an exchange, and says what it breaks."""
        redaction = Redaction(exchange.headers, exchange.target)
        if judgement.unjudged:
            self._unjudged[judgement.unjudged] += 1
        else:
            self._judged += 1
        if exchange.failure:
            path = redaction.text(exchange.target.partition("?")[0])
            self._warn(f"#{exchange.number} {exchange.method} {path}: {exchange.failure}")
        for finding in judgement.findings:
            self._count(finding, as_finding(finding, redaction))
        self._journal.append(
            {
                "number": exchange.number,
                "method": exchange.method,
                "target": redaction.target(exchange.target),
                "operation": judgement.operation or None,
                "status": exchange.status,
                "seconds": round(exchange.seconds, 6),
                "unjudged": judgement.unjudged,
                "clauses": [each.clause for each in judgement.findings],
            }
        )

    def table(self) -> str:
        """Spells the summary: what was seen, and a row for each clause that each side broke."""
        lines = [f"{_counted(self.exchanges, 'exchange')}, {self._judged} judged"]
        lines += [f"  {number} not judged: {why}" for why, number in self._unjudged.most_common()]
        if not self._counts:
            return "\n".join([*lines, "no clause is broken"])
        rows = [("side", "clause", "times", "first")]
        rows += [
            (side, clause, str(number), self._firsts[side, clause])
            for (side, clause), number in sorted(self._counts.items())
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines += [
            f"{side:<{widths[0]}}  {clause:<{widths[1]}}  {times:>{widths[2]}}  {first}".rstrip()
            for side, clause, times, first in rows
        ]
        return "\n".join([*lines, self._last_line()])

    def as_json(self, url: str) -> dict[str, Any]:
        """Spells the report as schemas/proxy-report.schema.json describes it."""
        return {
            "server": url,
            "exchanges": self.exchanges,
            "judged": self._judged,
            "unjudged": dict(self._unjudged),
            "broken": self.is_broken,
            "clauses": [
                {"side": side, "clause": clause, "times": number, **_about(clause)}
                for (side, clause), number in sorted(self._counts.items())
            ],
            "breaks": self._findings,
            "journal": [*self._journal],
        }

    def write(self, path: Path, url: str) -> None:
        """Writes the report to a file; OSError if that cannot be done."""
        path.write_text(json.dumps(self.as_json(url), ensure_ascii=False, indent=2) + "\n", "utf-8")

    def _count(self, finding: Finding, spelled: dict[str, Any]) -> None:
        key = finding.side, finding.clause
        self._counts[key] += 1
        self._forces[finding.clause] = finding.force
        place = f"#{finding.number} {finding.method} {spelled['path']}"
        self._firsts.setdefault(key, place)
        if len(self._findings) < MOST_FINDINGS:
            self._findings.append(spelled)
        side = finding.side if finding.force == "must" else ADVICE
        line = f"{side:<6}  {finding.clause}  {place}  {_in_one_line(spelled['detail'])}"
        self._say(line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 3]}...")

    def _last_line(self) -> str:
        broken = Counter(side for side, clause in self._counts if self._forces[clause] == "must")
        parts = [
            f"{_counted(number, 'clause')} broken by the {side}" for side, number in sorted(broken.items())
        ]
        advice = sum(force != "must" for force in self._forces.values())
        return ", ".join([*parts, *([f"{_counted(advice, 'clause')} of advice not kept"] if advice else [])])


def _about(clause: str) -> dict[str, str]:
    known = contract(clause.partition(".")[0])[clause]
    return {
        "title": known.title,
        "source": known.source,
        "evidence": known.evidence,
        "force": known.force,
    }


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _in_one_line(text: str) -> str:
    """The text with line breaks, and whatever else would command a terminal, as escapes."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
