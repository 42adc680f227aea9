"""The package's front door."""

import subprocess
import sys

import pytest

import mock_server


def test_importing_the_package_loads_no_server() -> None:
    seen = "import sys, mock_server; print(sorted({'starlette', 'numpy', 'uvicorn'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True).stdout == "[]\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'create_server'"):
        mock_server.create_server  # noqa: B018 - looking it up is the act under test
