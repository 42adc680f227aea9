"""Tells two servers the same stories, and collects in what their answers differ."""

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from conformance.drift.comparing import Comparison
from conformance.drift.difference import Differences
from conformance.drift.side import Side, Subject
from conformance.drift.step import Step


def tell(subject: Subject, a: Side, b: Side, found: Differences, number: int, examples: int) -> int:
    """Tells generated stories; answers how many calls both servers were asked.

    Args:
        subject: What is compared.
        a: One server.
        b: The other.
        found: Takes the differences.
        number: The seed that chooses the stories.
        examples: How many there are.
    """
    calls = 0

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=[*HealthCheck],
    )
    @given(subject.stories())
    def told(story: list[Step]) -> None:
        nonlocal calls
        calls += _tell_one(subject, a, b, found, story)

    try:
        told()
    finally:
        for side in (a, b):
            side.driver.end_run()
    return calls


def _tell_one(subject: Subject, a: Side, b: Side, found: Differences, story: list[Step]) -> int:
    for side in (a, b):
        side.begin()
    for number, step in enumerate(story, 1):
        ours, theirs = a.take(step), b.take(step)
        for difference in Comparison(subject.vocabulary, step).differences(ours, theirs):
            found.add(difference)
        if step.prelude and not all(each.status < 300 for each in (ours, theirs)):
            # What is built on this would differ for this reason alone.
            return number
    return len(story)
