"""Reading the text of files."""

import sys
from pathlib import Path
from typing import Any

import pytest

from mock_server.moorcheh.files import reading
from mock_server.moorcheh.files.reading import READERS, UnreadableError, read_text


@pytest.mark.parametrize("extension", [".txt", ".csv", ".md", ".json"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_plain_text_is_utf_8(tmp_path: Path, extension: str, mark: bytes) -> None:
    path = tmp_path / f"a{extension}"
    path.write_bytes(mark + '{"name": "Jürgen 🐢"}\n'.encode())
    assert read_text(path, extension) == '{"name": "Jürgen 🐢"}\n'


@pytest.mark.parametrize(
    ("content", "extension", "why"),
    [
        (b"caf\xe9", ".txt", "the file is not UTF-8: unexpected end of data at byte 3"),
        (b" \n", ".md", "the file holds no text"),
        (b"", ".csv", "the file holds no text"),
        (b"a" * 11, ".txt", "the file has 11 bytes, at most 10 are read"),
        (b"a", ".exe", "the file cannot be read: '.exe'"),
    ],
)
def test_what_is_no_text_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, extension: str, why: str
) -> None:
    monkeypatch.setattr(reading, "LARGEST", 10)
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        read_text(path, extension)
    assert str(caught.value) == why


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"the file cannot be read: .*No such file"):
        read_text(tmp_path / "none.txt", ".txt")


LIBRARIES = {".pdf": "pypdf", ".docx": "docx", ".xlsx": "openpyxl", ".pptx": "pptx"}


@pytest.mark.parametrize(("extension", "library"), LIBRARIES.items())
def test_without_its_library_a_file_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extension: str, library: str
) -> None:
    (tmp_path / "a").write_bytes(b"x")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UnreadableError, match=rf"{extension} files needs {library}: .*vecpact\[files\]"):
        read_text(tmp_path / "a", extension)


@pytest.mark.parametrize(("extension", "library"), LIBRARIES.items())
def test_a_broken_document_is_told(tmp_path: Path, extension: str, library: str) -> None:
    pytest.importorskip(library)
    (tmp_path / "a").write_bytes(b"no document at all")
    with pytest.raises(UnreadableError, match="the file cannot be read: "):
        read_text(tmp_path / "a", extension)


def test_every_documented_extension_is_read() -> None:
    assert {*READERS} == {*([".pdf", ".docx", ".xlsx", ".pptx", ".txt", ".csv", ".md", ".json"])}


def library(name: str) -> Any:
    """Import a library of the extra, or skip the test."""
    return pytest.importorskip(name, reason="needs the extra files")


def test_a_word_file_is_read_with_its_tables(tmp_path: Path) -> None:
    document = library("docx").Document()
    document.add_paragraph("Before the table.")
    table = document.add_table(rows=2, cols=2)
    for place, text in enumerate(("name", "turtle", "home", "its back")):
        table.cell(place % 2, place // 2).text = text
    document.add_paragraph("After the table.")
    document.save(str(tmp_path / "a.docx"))
    assert read_text(tmp_path / "a.docx", ".docx").splitlines() == [
        "Before the table.",
        "name\thome",
        "turtle\tits back",
        "After the table.",
    ]


def test_an_excel_file_is_read_sheet_by_sheet(tmp_path: Path) -> None:
    workbook = library("openpyxl").Workbook()
    workbook.active.title = "animals"
    workbook.active.append(["name", "legs"])
    workbook.active.append(["turtle", 4, None, True])
    workbook.create_sheet("empty")
    workbook.save(tmp_path / "a.xlsx")
    assert read_text(tmp_path / "a.xlsx", ".xlsx").splitlines()[:3] == [
        "animals",
        "name\tlegs\t\t",
        "turtle\t4\t\tTrue",
    ]


def test_a_powerpoint_file_is_read_slide_by_slide(tmp_path: Path) -> None:
    presentation = library("pptx").Presentation()
    layouts = presentation.slide_layouts
    slide = presentation.slides.add_slide(layouts[5])
    slide.shapes.title.text = "Turtles"
    cells = slide.shapes.add_table(1, 2, 0, 0, 99, 99).table.rows[0].cells
    cells[0].text, cells[1].text = "legs", "4"
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "In a group"
    slide.shapes.add_connector(1, 0, 0, 9, 9)
    presentation.slides.add_slide(layouts[5]).shapes.title.text = "Swifts"
    presentation.save(str(tmp_path / "a.pptx"))
    assert read_text(tmp_path / "a.pptx", ".pptx") == "Turtles\nlegs\t4\nIn a group\n\nSwifts"


def test_a_pdf_file_is_read_page_by_page(tmp_path: Path) -> None:
    library("pypdf")
    (tmp_path / "a.pdf").write_bytes(pdf("Turtles swim", "Swifts fly"))
    assert read_text(tmp_path / "a.pdf", ".pdf").split("\n\n") == ["Turtles swim", "Swifts fly"]


def pdf(*pages: str) -> bytes:
    """Write a PDF file with a line on each page."""
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for place, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * place} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    body, starts = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        starts.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()
