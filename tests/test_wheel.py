"""The built wheel is whole: in an environment that does not know the checkout, both commands run."""

import os
import re
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("mock_server", "conformance", "schemas")
SUITE = [["python", "-m", "conformance"], ["vecpact-check"]]
MOCK = [["python", "-m", "mock_server"], ["vecpact-mock"]]


@dataclass(frozen=True, slots=True)
class Installed:
    """A virtual environment that holds the wheel, and an empty folder to run it in.

    Attributes:
        folder: The environment.
        empty: The working directory of all commands.
    """

    folder: Path
    empty: Path

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.folder / "bin" / "python"

    def command(self, words: Sequence[str]) -> list[str]:
        """The words with the program's full path."""
        return [str(self.folder / "bin" / words[0]), *words[1:]]

    def environment(self) -> dict[str, str]:
        """The variables of this process, less those that would show Python the way to the checkout."""
        return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs a program of the environment to its end."""
        return subprocess.run(
            self.command(words), cwd=self.empty, env=self.environment(), capture_output=True, text=True
        )

    def ask(self, program: str) -> list[str]:
        """Runs a Python program that prints, and gives its lines."""
        answer = self.run("python", "-c", program)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.splitlines()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel of this checkout, built and installed."""
    folder = tmp_path_factory.mktemp("wheel")
    _call("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    place = Installed(folder / "environment", folder / "empty")
    place.empty.mkdir()
    _call("-m", "venv", "--without-pip", str(place.folder))
    _call("-m", "pip", "--python", str(place.python), "install", "-q", "--no-deps", "--no-index", str(wheel))
    # Spares downloading what the project depends on. A path added by a .pth file has its own .pth files left
    # unread, so an editable install of the checkout over there stays unseen.
    (site,) = place.ask("import sysconfig; print(sysconfig.get_path('purelib'))")
    shared = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(site, "dependencies.pth").write_text("\n".join(sorted(shared)) + "\n", encoding="utf-8")
    return place


def _call(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_packages_are_those_of_the_wheel(installed: Installed) -> None:
    files = installed.ask(
        "import conformance, mock_server; print(conformance.__file__, mock_server.__file__, sep='\\n')"
    )
    assert all(Path(file).is_relative_to(installed.folder) for file in files)


def test_the_checkout_cannot_be_imported(installed: Installed) -> None:
    path = installed.ask("import sys; print(*sys.path, sep='\\n')")
    assert sysconfig.get_path("purelib") in path
    assert str(ROOT) not in path


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_installed_and_no_other(installed: Installed, package: str) -> None:
    (site,) = installed.ask("import sysconfig; print(sysconfig.get_path('purelib'))")
    assert _contents(Path(site, package)) == _contents(ROOT / package)


def _contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder that are no compiled modules."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }


@pytest.mark.parametrize("package", ["mock_server", "conformance"])
def test_a_package_says_that_it_is_typed(installed: Installed, package: str) -> None:
    typed = f"import importlib.resources as r; print((r.files('{package}') / 'py.typed').is_file())"
    assert installed.ask(typed) == ["True"]


@pytest.mark.parametrize("suite", SUITE, ids=" ".join)
def test_the_suite_proves_the_bundled_mock(installed: Installed, suite: list[str]) -> None:
    done = installed.run(*suite, "moorcheh", "--only", "moorcheh.health.*", "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "moorcheh.health.answers" in done.stdout


def test_pytest_knows_the_fixtures(installed: Installed, tmp_path: Path) -> None:
    test = "def test_it(moorcheh):\n    assert moorcheh.items() == {}\n"
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")
    done = installed.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path))
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_suite_leaves_nothing_where_it_is_run(installed: Installed, tmp_path: Path) -> None:
    elsewhere = Installed(installed.folder, tmp_path)
    assert elsewhere.run("vecpact-check", "moorcheh", "--only", "moorcheh.health.*").returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suite", SUITE, ids=" ".join)
def test_the_mutants_are_left_in_the_checkout(installed: Installed, suite: list[str]) -> None:
    done = installed.run(*suite, "--prove", "moorcheh")
    said = "vecpact-check: --prove needs mutants, which only a clone of the project has\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_the_suite_runs_inside_pytest(installed: Installed, world_url: str) -> None:
    words = ["--pyargs", "conformance", "-k", "health.answers", f"--vecpact-base-url={world_url}"]
    done = installed.run("python", "-m", "pytest", "-v", "-p", "no:cacheprovider", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conformance::moorcheh.health.answers PASSED" in done.stdout


@pytest.mark.parametrize("mock", MOCK, ids=" ".join)
def test_the_mock_serves_until_it_is_told_to_stop(installed: Installed, mock: list[str]) -> None:
    command = installed.command([*mock, "--port", "0"])
    with subprocess.Popen(
        command, cwd=installed.empty, env=installed.environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found, line
            # A refusal is worded after the table of clauses, the mock's own data file.
            answer = httpx.post(f"{found[0]}/namespaces", json={})
            assert (answer.status_code, answer.json()["status"]) == (400, "failure")
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
