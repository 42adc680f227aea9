"""The folders whose files may be read, and how the paths that clients name lead there."""

import posixpath
from collections.abc import Sequence
from pathlib import Path, PurePath

UPLOADS = "/uploads"
"""Where the service's own container has its uploads: here it stands for the first folder allowed."""


def absolute(asked: str) -> str:
    """Answers the path as it is shown: as asked, without detours; ValueError if it is relative."""
    if not asked.startswith("/") and not PurePath(asked).is_absolute():
        raise ValueError(f"{asked!r} is no absolute path")
    path = posixpath.normpath(asked)
    return "/" + path.lstrip("/") if asked.startswith("/") else path


def locate(folders: Sequence[Path], asked: str) -> Path:
    """Finds the file that a path names; ValueError says why it may not be read.

    `folders` are real paths. Links are followed before anything is compared, so none leads out, and of what
    lies outside it is not even said whether it exists.
    """
    path = absolute(asked)
    for candidate in _candidates(folders, path):
        try:
            real = candidate.resolve()
            inside = any(real.is_relative_to(folder) for folder in folders)
            exists = inside and real.is_file()
        except (OSError, RuntimeError, ValueError):
            raise ValueError(f"{path!r} is no path of a file") from None
        if exists:
            return real
        if inside:
            raise ValueError(f"there is no file {path!r}")
    allowed = "--files DIR allows a folder" if not folders else "only those given with --files may be read"
    raise ValueError(f"{path!r} lies outside the folders this server reads: {allowed}")


def _candidates(folders: Sequence[Path], path: str) -> Sequence[Path]:
    inner = path.removeprefix(UPLOADS)
    if folders and inner != path and inner.startswith("/"):
        return Path(path), folders[0] / inner.lstrip("/")
    return (Path(path),)
