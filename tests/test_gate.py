"""The gates are true: the action and the jobs of docs/gate.md are well-formed, and run as they say."""

import os
import re
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.report.files import WRITERS
from conformance.report.summary import BREAKS, CONFORMS, FAILED, INTERRUPTED

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
GUIDE = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
GITHUB, GITLAB = (yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.M | re.S))
EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
QUICK = "--only\nmoorcheh.health.answers\n"
REPORTS = {"report.json", "report.xml", "report.html", "report.md", "badge.svg", "annotations.txt"}


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a simulated runner has run.

    Attributes:
        code: Its exit code.
        log: What it printed.
        summary: What it added to the job's summary.
        outputs: Its outputs.
        paths: What it added to the search path of later steps.
        folder: Its working directory.
    """

    code: int
    log: str
    summary: str
    outputs: Mapping[str, str]
    paths: list[str]
    folder: Path


Runner = Callable[..., Step]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the project's command in it, as if it were installed, and a pip that installs nothing."""
    folder = tmp_path / "programs"
    folder.mkdir()
    python, root = shlex.quote(sys.executable), shlex.quote(str(ROOT))
    suite = f'PYTHONPATH={root} exec {python} -m conformance "$@"'
    for name, line in {"vecpact-check": suite, "pip": 'echo "pip $*"'}.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def run_step(tmp_path: Path, programs: Path) -> Runner:
    """Runs a step of the action as a runner does: inputs in its environment, files for what it says."""

    def run(step: Mapping[str, Any], more: Mapping[str, str] | None = None, **inputs: str) -> Step:
        given = {name: entry.get("default", "") for name, entry in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        context = {f"inputs.{name}": value for name, value in given.items()}
        context |= {"github.action_path": str(ROOT), "runner.temp": str(tmp_path / "temporary")}
        said = {f"GITHUB_{name}": tmp_path / name.lower() for name in ("OUTPUT", "STEP_SUMMARY", "PATH")}
        for path in said.values():
            path.touch()
        environment = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            **{
                name: EXPRESSION.sub(lambda found: context[found[1]], text)
                for name, text in step["env"].items()
            },
            **{name: str(path) for name, path in said.items()},
            **(more or {}),
        }
        folder = tmp_path / "workspace"
        folder.mkdir(exist_ok=True)
        script = tmp_path / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        # The command line that GitHub documents for `shell: bash`.
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        texts = {name: path.read_text(encoding="utf-8") for name, path in said.items()}
        return Step(
            code=done.returncode,
            log=done.stdout + done.stderr,
            summary=texts["GITHUB_STEP_SUMMARY"],
            outputs=dict(line.split("=", 1) for line in texts["GITHUB_OUTPUT"].splitlines()),
            paths=texts["GITHUB_PATH"].splitlines(),
            folder=folder,
        )

    return run


def step_of(name: str) -> dict[str, Any]:
    """The step with a name."""
    (step,) = (step for step in STEPS if step["name"] == name)
    return step


INSTALL, PROVE = step_of("Install vecpact"), step_of("Prove the contract")


def test_the_action_is_a_composite_one_as_github_reads_it() -> None:
    assert {"name", "description", "inputs", "outputs", "runs"} <= ACTION.keys()
    assert ACTION["runs"]["using"] == "composite"
    for entry in ACTION["inputs"].values():
        assert entry.keys() <= {"description", "required", "default"}
        assert entry["description"]
        assert ("default" in entry) != entry.get("required", False)
        assert isinstance(entry.get("default", ""), str)
    for step in STEPS:
        assert step.keys() <= {"name", "id", "shell", "env", "run"}
        assert step["shell"] == "bash"


def test_every_input_and_no_other_is_used() -> None:
    used = {name for step in STEPS for text in step["env"].values() for name in EXPRESSION.findall(text)}
    inputs = {name.removeprefix("inputs.") for name in used if name.startswith("inputs.")}
    assert inputs == ACTION["inputs"].keys()
    assert used - {f"inputs.{name}" for name in inputs} == {"github.action_path", "runner.temp"}


def test_no_script_has_an_input_written_into_it() -> None:
    # Text that is put into a script is run by it: inputs come by the environment alone.
    assert not [step["name"] for step in STEPS if "${{" in step["run"]]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["name"])
def test_every_script_is_bash(step: dict[str, Any]) -> None:
    done = subprocess.run(["bash", "-n"], input=step["run"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    named = set(re.findall(r"\$\{?([A-Z_]+)", step["run"]))
    assert named <= step["env"].keys() | {"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"}
    assert set(step["env"]) <= named


def test_the_projects_own_script_is_bash_and_brings_the_browser() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    # Without one the tests of the HTML report are skipped, which nobody would notice.
    assert re.search(r"command -v chromium .*\n(.*\n)*.*apt-get install .* chromium\b", script)


def test_every_output_is_set_by_the_step(run_step: Runner, world_url: str) -> None:
    step = run_step(PROVE, base_url=world_url, args=QUICK)
    values = {name: EXPRESSION.findall(entry["value"]) for name, entry in ACTION["outputs"].items()}
    assert values == {name: [f"steps.prove.outputs.{name}"] for name in step.outputs}


def test_a_server_that_conforms_passes_and_is_summed_up(run_step: Runner, world_url: str) -> None:
    step = run_step(PROVE, base_url=world_url, args=QUICK, reports="out/of the way")
    assert step.code == CONFORMS, step.log
    assert step.outputs == {"exit-code": "0", "reports": "out/of the way"}
    assert step.summary.startswith("### ✅ moorcheh keeps its contract\n")
    assert {path.name for path in (step.folder / "out/of the way").iterdir()} == REPORTS
    assert len(REPORTS) == len(WRITERS)


def test_a_broken_clause_fails_and_is_annotated(run_step: Runner, server_url: str) -> None:
    step = run_step(PROVE, base_url=f"{server_url}/nowhere", args=QUICK)
    assert step.code == BREAKS, step.log
    assert step.outputs["exit-code"] == "1"
    assert step.summary.startswith("### ❌ moorcheh breaks its contract\n")
    (annotation,) = (line for line in step.log.splitlines() if line.startswith("::error"))
    assert annotation.startswith("::error title=broken moorcheh.health.answers::")
    assert "repeat: python -m conformance moorcheh" in annotation


def test_what_a_server_says_is_no_command_of_the_workflow(run_step: Runner, server_url: str) -> None:
    lines = run_step(PROVE, base_url=f"{server_url}/nowhere", args=QUICK).log.splitlines()
    (stop,) = (line for line in lines if line.startswith("::stop-commands::"))
    token = stop.removeprefix("::stop-commands::")
    assert re.fullmatch("vecpact-[0-9a-f]{32}", token)
    begin, end = lines.index(stop), lines.index(f"::{token}::")
    assert begin < lines.index("broken moorcheh.health.answers") < end
    assert all(end < number for number, line in enumerate(lines) if line.startswith("::error"))


def test_files_of_reasons_are_heeded(run_step: Runner, server_url: str, tmp_path: Path) -> None:
    known, profile = tmp_path / "known faults.toml", tmp_path / "profile.toml"
    known.write_text('"moorcheh.health.answers" = "it is down on Mondays"\n', encoding="utf-8")
    profile.write_text('"moorcheh.health.r*" = "the cap is a secret"\n', encoding="utf-8")
    step = run_step(
        PROVE,
        base_url=f"{server_url}/nowhere",
        args="--only\nmoorcheh.health.answers\n--only\nmoorcheh.health.remaining\n",
        known_broken=str(known),
        profile=str(profile),
    )
    assert step.code == CONFORMS, step.log
    assert "it is down on Mondays" in step.summary.replace("&#46;", ".")
    assert "not offered: the cap is a secret" in step.log


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"args": "--no-such-option"}, "No such option"),
        ({"evidence": "certain"}, "--evidence 'certain'"),
        ({"service": "nobody"}, "No such command"),
        ({"base_url": "$(touch owned)", "args": QUICK}, "--base-url '$(touch owned)'"),
        ({"args": "--only\n$(touch owned) `touch owned` ; touch owned\n"}, "matches no clause"),
    ],
)
def test_what_cannot_be_run_fails_and_leaves_no_old_report(
    run_step: Runner, world_url: str, inputs: dict[str, str], said: str
) -> None:
    run_step(PROVE, base_url=world_url, args=QUICK)
    step = run_step(PROVE, **{"base_url": world_url, **inputs})
    assert step.code == FAILED, step.log
    assert said in step.log
    assert "::error title=vecpact::The suite ended with exit code 2" in step.log
    assert list((step.folder / "vecpact-reports").iterdir()) == []
    assert not list(step.folder.rglob("owned"))


def test_the_action_installs_what_it_comes_with(run_step: Runner, world_url: str) -> None:
    # No network: what the project needs, and builds with, is that of this environment.
    shared = os.pathsep.join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *_dependencies()})
    offline = {"PYTHONPATH": shared, "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    step = run_step(INSTALL, offline, python=sys.executable)
    assert step.code == 0, step.log
    (folder,) = step.paths
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    done = run_step(PROVE, {"PATH": path, "PYTHONPATH": shared}, base_url=world_url, args=QUICK)
    assert done.code == CONFORMS, done.log
    assert (Path(folder) / "vecpact-check").is_file()


def _dependencies() -> list[str]:
    """Where this interpreter finds packages beside its own folder of them."""
    return [path for path in sys.path if path.endswith("site-packages")]


def test_the_action_installs_the_version_asked_for(run_step: Runner, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\necho "python $*"\n[ "$2" != venv ] || { mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; }\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    step = run_step(INSTALL, python=str(python), version="1.2.3")
    assert step.code == 0, step.log
    assert "-m pip install --quiet --disable-pip-version-check vecpact==1.2.3\n" in step.log


def test_the_guide_uses_the_action_as_it_is() -> None:
    (step,) = (step for step in GITHUB["jobs"]["contract"]["steps"] if "vecpact" in step.get("uses", ""))
    assert step["with"].keys() <= ACTION["inputs"].keys()
    (upload,) = (step for step in GITHUB["jobs"]["contract"]["steps"] if "upload" in step.get("uses", ""))
    ((_, identity, _, output),) = (name.split(".") for name in EXPRESSION.findall(upload["with"]["path"]))
    assert (identity, output in ACTION["outputs"]) == (step["id"], True)


def test_the_guide_names_every_input_and_output_with_its_default() -> None:
    section = GUIDE.partition("## GitHub")[2].partition("## GitLab")[0]
    rows = dict(re.findall(r"^\| `([\w-]+)` \| .*? \| (.*?) \|$", section, re.M))
    assert rows.keys() == ACTION["inputs"].keys()
    for name, entry in ACTION["inputs"].items():
        default = entry.get("default", "required")
        assert default.strip() == "" or default in rows[name].strip("`"), name
    outputs = set(re.findall(r"^\| `([\w-]+)` \| [^|]* \|$", section, re.M))
    assert outputs == ACTION["outputs"].keys()


def test_the_guide_tells_the_exit_codes_of_the_code() -> None:
    listed = [int(code) for code in re.findall(r"^\| (\d+) \|", GUIDE, re.M)]
    assert listed == [CONFORMS, BREAKS, FAILED, INTERRUPTED]


@pytest.mark.parametrize(("path", "code"), [("", CONFORMS), ("/nowhere", BREAKS)])
def test_the_job_for_gitlab_runs_and_keeps_its_reports(
    path: str, code: int, world_url: str, server_url: str, programs: Path, tmp_path: Path
) -> None:
    job = GITLAB["contract"]
    script = "\n".join(job["script"])
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    url = server_url + path if path else world_url
    environment = {
        **os.environ,
        **job["variables"],
        "BASE_URL": url,
        "PATH": f"{programs}:{os.environ['PATH']}",
    }
    assert set(job["variables"]) == set(re.findall(r"\$([A-Z_]+)", script))
    # The whole contract takes long: a clause of it does as well here.
    script = script.replace("vecpact-check moorcheh", "vecpact-check moorcheh --only moorcheh.health.answers")
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    kept = [job["artifacts"]["reports"]["junit"], *job["artifacts"]["paths"]]
    assert all((tmp_path / name).is_file() for name in kept)
    assert job["artifacts"]["when"] == "always"


@pytest.mark.parametrize("document", ["gate.md", "reports.md"])
def test_every_link_of_the_guide_leads_somewhere(document: str) -> None:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    assert not [link for link in re.findall(r"\]\(([\w./-]+)\)", text) if not (ROOT / "docs" / link).exists()]
