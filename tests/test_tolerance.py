"""Nothing is held against a server that chooses otherwise where its contract leaves a choice.

Here each variant is proven on the clauses that its choice could touch, with few examples;
`bench/tolerance.py` proves every variant on all of them.
"""

from pathlib import Path

import pytest

from tests.tolerant import VARIANTS, Variant
from tests.tolerant.proving import alarms_of

EXAMPLES = 3


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_nothing_is_held_against_a_variant(
    variant: Variant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not alarms_of(variant, monkeypatch, tmp_path, whole=False, examples=EXAMPLES, seed=1)


def test_every_variant_has_a_name_of_its_own() -> None:
    assert len(set(map(str, VARIANTS))) == len(VARIANTS)
