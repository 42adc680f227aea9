"""Sources: the address of the public page on which a clause's source stands, where it names one."""

import re
import tomllib
from functools import cache

from conformance.clause import SCHEMAS, Clause

PAGE = re.compile(r"[\w./-]+")


def page_of(clause: Clause) -> str:
    """The address of the page that a clause's source names; empty where it names none, or none is known."""
    service = clause.id.partition(".")[0]
    named = clause.source.partition(",")[0]
    bases = _bases().get(service, {})
    if clause.evidence == "documented" and PAGE.fullmatch(named) and "documentation" in bases:
        return f"{bases['documentation']}{named}"
    return ""


@cache
def _bases() -> dict[str, dict[str, str]]:
    return tomllib.loads((SCHEMAS / "sources.toml").read_text(encoding="utf-8"))
