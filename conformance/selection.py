"""Selection: which clauses a run proves, by globs over their ids."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase


class NothingMatchesError(ValueError):
    """A glob that names no clause is a mistake, not an empty choice."""


def select(clause_ids: Iterable[str], only: Sequence[str], skip: Sequence[str]) -> frozenset[str]:
    """The ids that match any of `only` (all, if it is empty) and none of `skip`.

    Raises:
        NothingMatchesError: A glob matches no id at all.
    """
    ids = list(clause_ids)
    for glob in (*only, *skip):
        if not any(matching(each, [glob]) for each in ids):
            raise NothingMatchesError(f"{glob!r} matches no clause; --list prints them all")
    wanted = {each for each in ids if not only or matching(each, only)}
    return frozenset(each for each in wanted if not matching(each, skip))


def matching(clause_id: str, globs: Iterable[str]) -> bool:
    """Whether an id matches any of these globs."""
    return any(fnmatchcase(clause_id, glob) for glob in globs)
