"""The folders that may be read."""

import os
from pathlib import Path

import pytest

from mock_server.moorcheh.files.folders import absolute, locate


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    for name in ("first/inner", "second", "outside"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("first/a.txt", "first/inner/b.txt", "second/c.txt", "outside/secret.txt"):
        (tmp_path / name).write_text(name)
    return [tmp_path / "first", tmp_path / "second"]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("/uploads/a.txt", "first/a.txt"),
        ("/uploads/inner/b.txt", "first/inner/b.txt"),
        ("//uploads//inner/./../a.txt", "first/a.txt"),
        ("{}/first/a.txt", "first/a.txt"),
        ("{}/second/c.txt", "second/c.txt"),
        ("{}/first/../second/c.txt", "second/c.txt"),
    ],
)
def test_a_path_leads_into_an_allowed_folder(
    folders: list[Path], tmp_path: Path, asked: str, name: str
) -> None:
    assert locate(folders, asked.format(tmp_path)) == tmp_path / name


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("{}/outside/secret.txt", "lies outside the folders"),
        ("{}/outside/none.txt", "lies outside the folders"),
        ("{}/first/../outside/secret.txt", "lies outside the folders"),
        ("/uploads/../outside/secret.txt", "lies outside the folders"),
        ("/uploads/../uploads/../etc/passwd", "lies outside the folders"),
        ("/uploadsx/a.txt", "lies outside the folders"),
        ("/uploads", "lies outside the folders"),
        ("/etc/passwd", "only those given with --files may be read"),
        ("/uploads/none.txt", "there is no file '/uploads/none.txt'"),
        ("/uploads/inner", "there is no file"),
        ("/uploads/c.txt", "there is no file"),
        ("a.txt", "is no absolute path"),
        ("", "is no absolute path"),
        ("/uploads/\0.txt", "is no path of a file"),
        ("/uploads/" + "a" * 5000, "is no path of a file"),
    ],
)
def test_any_other_path_is_a_value_error(folders: list[Path], tmp_path: Path, asked: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"^.") as caught:
        locate(folders, asked.format(tmp_path))
    assert why in str(caught.value)


def test_a_link_is_followed_only_inside(folders: list[Path], tmp_path: Path) -> None:
    first, outside = folders[0], tmp_path / "outside"
    (first / "in.txt").symlink_to(folders[1] / "c.txt")
    (first / "out.txt").symlink_to(outside / "secret.txt")
    (first / "way_out").symlink_to(outside)
    (first / "circle.txt").symlink_to(first / "circle.txt")
    assert locate(folders, "/uploads/in.txt") == folders[1] / "c.txt"
    for asked in ("/uploads/out.txt", "/uploads/way_out/secret.txt", f"{first}/out.txt"):
        with pytest.raises(ValueError, match="lies outside"):
            locate(folders, asked)
    with pytest.raises(ValueError, match=r"no path of a file|there is no file"):
        locate(folders, "/uploads/circle.txt")


def test_only_regular_files_are_read(folders: list[Path]) -> None:
    os.mkfifo(folders[0] / "pipe.txt")
    with pytest.raises(ValueError, match="there is no file"):
        locate(folders, "/uploads/pipe.txt")


def test_without_folders_nothing_is_read() -> None:
    with pytest.raises(ValueError, match="--files DIR allows a folder"):
        locate([], "/uploads/a.txt")


@pytest.mark.parametrize(
    ("asked", "path"), [("/uploads/a.txt", "/uploads/a.txt"), ("//uploads/./x/..//a.txt", "/uploads/a.txt")]
)
def test_a_path_is_shown_as_asked_without_detours(asked: str, path: str) -> None:
    assert absolute(asked) == path
