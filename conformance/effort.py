"""How hard a run tries: three sizes of it, which judge the same clauses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """The size of a run.

    Attributes:
        option: The option that asks for it; empty for the usual size, which needs none.
        examples: Generated examples per check.
        steps: The most calls in one random history.
        max_items: The cap of the bundled mock, which the checks of a quota fill; None for its usual one.
    """

    option: str
    examples: int
    steps: int = 30
    max_items: int | None = None


USUAL = Effort("", 20)
QUICK = Effort("--quick", 3, steps=12, max_items=2_000)
THOROUGH = Effort("--thorough", 10 * USUAL.examples)
