"""Reads the text of a file, by its extension."""

from collections.abc import Callable, Mapping
from pathlib import Path

from mock_server.embedder import reason
from mock_server.moorcheh.files import office

LARGEST = 64 * 1024 * 1024  # bytes


class UnreadableError(Exception):
    """Says why no text was read of a file."""


def read_text(path: Path, extension: str) -> str:
    """Reads the text of a file by one of the `READERS`; `UnreadableError` says why there is none."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise UnreadableError(f"the file has {size} bytes, at most {LARGEST} are read")
        text = READERS[extension](path)
    except UnreadableError:
        raise
    except ModuleNotFoundError as error:
        raise UnreadableError(
            f"reading {extension} files needs {error.name}: pip install 'vecpact[files]'"
        ) from None
    except UnicodeDecodeError as error:
        raise UnreadableError(f"the file is not UTF-8: {error.reason} at byte {error.start}") from None
    except Exception as error:  # noqa: BLE001  # what a broken file makes its library raise, no library says
        raise UnreadableError(f"the file cannot be read: {reason(error)}") from None
    if not text.strip():
        raise UnreadableError("the file holds no text")
    return text


def plain_text(path: Path) -> str:
    """Reads UTF-8, with or without a byte order mark."""
    return path.read_bytes().decode("utf-8-sig")


READERS: Mapping[str, Callable[[Path], str]] = {
    ".pdf": office.pdf_text,
    ".docx": office.docx_text,
    ".xlsx": office.xlsx_text,
    ".pptx": office.pptx_text,
    ".txt": plain_text,
    ".csv": plain_text,
    ".md": plain_text,
    ".json": plain_text,
}
