"""What a server is given when it starts."""

from pathlib import Path

import pytest

from mock_server.equipment import allowed_folders, generation_number
from tests.mock_server.conftest import Serve


def test_folders_are_real_ones(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert allowed_folders([tmp_path / "link", str(tmp_path)]) == (tmp_path / "real", tmp_path)


def test_what_is_no_folder_is_a_value_error(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "none"):
        with pytest.raises(ValueError, match="there is no such folder"):
            serve(files=[path])


def test_generations_are_numbered_and_others_a_value_error(serve: Serve) -> None:
    assert [generation_number("v1"), generation_number("v2")] == [1, 2]
    with pytest.raises(ValueError, match="generation 'v3': expected v1 or v2"):
        serve(generation="v3")
