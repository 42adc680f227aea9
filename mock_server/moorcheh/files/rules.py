"""The rules of requests about files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mock_server.moorcheh.files.folders import locate
from mock_server.moorcheh.files.reading import READERS
from mock_server.moorcheh.rules import Admission, exceeds_the_cap, is_no_filled_array, is_vector
from mock_server.moorcheh.store import Namespace
from mock_server.payload import kind, shown
from mock_server.rules import Document, Rule


@dataclass(frozen=True, slots=True)
class Asked:
    """One element of an upload of files, whatever it may be, and the folders that may be read."""

    item: Any
    folders: Sequence[Path]


def file_cannot_be_taken(asked: Asked) -> Iterator[str]:
    """Finds an element that names no file to be read here: by its path, extension or force_reindex."""
    if not isinstance(asked.item, dict):
        yield f"expected an object, got {kind(asked.item)}"
    elif not isinstance(asked.item.get("path"), str):
        got = shown(asked.item["path"]) if "path" in asked.item else "nothing"
        yield f"path: expected a string, got {got}"
    elif type(asked.item.get("force_reindex", False)) is not bool:
        yield f"force_reindex: expected true or false, got {shown(asked.item['force_reindex'])}"
    else:
        yield from _faults_of(asked.item["path"], asked.folders)


def _faults_of(path: str, folders: Sequence[Path]) -> Iterator[str]:
    if PurePosixPath(path).suffix.lower() not in READERS:
        yield f"path: {shown(path)} has none of the extensions {' '.join(READERS)}"
    else:
        try:
            locate(folders, path)
        except ValueError as error:
            yield f"path: {error}"


def is_not_named_once(body: Document) -> Iterator[str]:
    """Finds a deletion that gives both path and file_id, neither, or no string."""
    given = [name for name in ("path", "file_id") if body.get(name) is not None]
    if len(given) != 1:
        yield f"expected either path or file_id, got {'both' if given else 'neither'}"
    elif not isinstance(body[given[0]], str):
        yield f"{given[0]}: expected a string, got {kind(body[given[0]])}"


FILES_TARGET: Mapping[str, Rule[Namespace]] = {"moorcheh.files.accepted": is_vector}
FILES: Mapping[str, Rule[Document]] = {"moorcheh.files.accepted": is_no_filled_array("files")}
FILE: Mapping[str, Rule[Asked]] = {"moorcheh.files.accepted": file_cannot_be_taken}
FILES_QUOTA: Mapping[str, Rule[Admission]] = {"moorcheh.quota.over-cap": exceeds_the_cap}
DELETION: Mapping[str, Rule[Document]] = {"moorcheh.files.delete-one-of": is_not_named_once}
