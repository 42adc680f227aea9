"""Golden files: what a report said when somebody last looked at it and found it good.

After a wanted change of a report, `VECPACT_RENEW_GOLDENS=1 pytest tests/conformance/report` writes them anew;
then the difference that git shows is what must be looked at.
"""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
RENEW = "VECPACT_RENEW_GOLDENS"


def assert_golden(name: str, text: str) -> None:
    """Asserts that a text is that of the golden file; where the user asks for it, writes it there first."""
    path = FOLDER / name
    if os.environ.get(RENEW):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    assert path.read_bytes().decode("utf-8") == text, f"{name} has changed; if it should, renew it: {RENEW}=1"
