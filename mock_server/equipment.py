"""What a server is given when it starts: the same for all its sessions, and for as long as it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mock_server.embedder import Embedder

GENERATIONS = ("v1", "v2")


@dataclass(frozen=True, slots=True)
class Equipment:
    """The embedder of texts, the folders whose files are read, and the generation of the service spoken."""

    embedder: Embedder
    folders: Sequence[Path] = ()
    generation: str = GENERATIONS[-1]


def generation_number(name: str) -> int:
    """Counts generations from 1; ValueError if there is none of the name."""
    if name not in GENERATIONS:
        raise ValueError(f"generation {name!r}: expected {' or '.join(GENERATIONS)}")
    return GENERATIONS.index(name) + 1


def allowed_folders(paths: Sequence[str | Path]) -> tuple[Path, ...]:
    """Answers folders by their real paths; ValueError if one is no folder."""
    for path in paths:
        if not Path(path).is_dir():
            raise ValueError(f"files {str(path)!r}: there is no such folder")
    return tuple(Path(path).resolve() for path in paths)
