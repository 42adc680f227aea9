"""Reads the text of documents that need a library: each is imported when a file first asks for it.

ModuleNotFoundError names the library that is not installed; the extra `files` has them all.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any


def pdf_text(path: Path) -> str:
    """Reads the pages of a PDF file."""
    return "\n\n".join(page.extract_text() for page in import_module("pypdf").PdfReader(path).pages)


def docx_text(path: Path) -> str:
    """Reads paragraphs and tables of a Word file, in their order."""
    return "\n".join(_blocks(import_module("docx").Document(str(path)).iter_inner_content()))


def xlsx_text(path: Path) -> str:
    """Reads the sheets of an Excel file: a line for each row, cells parted by tabs, values of formulas."""
    workbook = import_module("openpyxl").load_workbook(path, read_only=True, data_only=True)
    try:
        return "\n\n".join(
            "\n".join([sheet.title, *(_line(row) for row in sheet.iter_rows(values_only=True))])
            for sheet in workbook.worksheets
        )
    finally:
        workbook.close()


def pptx_text(path: Path) -> str:
    """Reads the slides of a PowerPoint file: texts, tables, and what is grouped."""
    slides = import_module("pptx").Presentation(str(path)).slides
    return "\n\n".join("\n".join(_shapes(slide.shapes)) for slide in slides)


def _blocks(blocks: Iterable[Any]) -> Iterator[str]:
    for block in blocks:
        if hasattr(block, "rows"):
            yield from (_line(cell.text for cell in row.cells) for row in block.rows)
        else:
            yield block.text


def _shapes(shapes: Iterable[Any]) -> Iterator[str]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        elif shape.has_text_frame:
            yield shape.text_frame.text
        elif shape.has_table:
            yield from (_line(cell.text for cell in row.cells) for row in shape.table.rows)


def _line(cells: Iterable[object]) -> str:
    return "\t".join("" if cell is None else str(cell) for cell in cells)
