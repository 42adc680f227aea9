"""Nothing is held against a server that chooses otherwise where its contract leaves a choice.

Here each variant is proven on the clauses that its choice could touch, with few examples;
`bench/tolerance.py` proves every variant on all of them.
"""

from pathlib import Path

import pytest

from tests.tolerant import VARIANTS, Variant
from tests.tolerant.page import page_of
from tests.tolerant.proving import alarms_of

EXAMPLES = 3


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_nothing_is_held_against_a_variant(
    variant: Variant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not alarms_of(variant, monkeypatch, tmp_path, whole=False, examples=EXAMPLES, seed=1)


def test_the_page_lists_every_variant() -> None:
    page = (Path(__file__).parents[1] / "docs" / "tolerance.md").read_text("utf-8")
    assert page.endswith(page_of(VARIANTS, []).partition("## Variants")[2])


def test_the_page_tells_of_runs() -> None:
    alarm = {"verdict": "broken", "clause": "moorcheh.health.answers"}
    runs = [
        {"service": "moorcheh", "state": "a", "requests": 20_000, "alarms": []},
        {"service": "moorcheh", "state": "b", "requests": 10_000, "alarms": [alarm]},
        {"service": "cortex", "state": "b", "requests": 9_000, "alarms": []},
    ]
    page = page_of(VARIANTS, runs)
    assert "| Moorcheh on-prem | 2 | 2 | 30,000 | 1 |" in page
    assert "| Cortex raw embeddings | 1 | 1 | 9,000 | 0 |" in page
    assert "moorcheh.health.answers broken (1)" in page


def test_every_variant_has_a_name_of_its_own() -> None:
    assert len(set(map(str, VARIANTS))) == len(VARIANTS)
