"""A file of reasons says something of clauses, and a mistake in it costs one line."""

import tomllib
from pathlib import Path

import pytest

from conformance.clause import all_clause_ids
from conformance.reasons import UnusableReasonsError, load_reasons, write_reasons

QUOTA = "moorcheh.quota.concurrent"


def written(folder: Path, text: str) -> Path:
    """A file with this text."""
    path = folder / "reasons.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        f'"{QUOTA}" = "a race"',
        f'{QUOTA} = "a race"',
        '[moorcheh.quota]\nconcurrent = """\na\n race"""',
    ],
)
def test_an_id_is_written_as_one_likes(text: str, tmp_path: Path) -> None:
    assert load_reasons(written(tmp_path, text)) == {QUOTA: "a race"}


def test_a_file_may_speak_of_several_services(tmp_path: Path) -> None:
    text = f'"{QUOTA}" = "a"\n"cortex.auth.required" = "b"\n'
    assert load_reasons(written(tmp_path, text)) == {QUOTA: "a", "cortex.auth.required": "b"}


def test_a_glob_stands_for_the_ids_that_match_it(tmp_path: Path) -> None:
    reasons = load_reasons(written(tmp_path, '"moorcheh.files.*" = "no folder"'), globs=True)
    assert set(reasons) == {each for each in all_clause_ids() if each.startswith("moorcheh.files.")}
    assert set(reasons.values()) == {"no folder"}


@pytest.mark.parametrize(
    ("text", "globs", "message"),
    [
        ('"moorcheh.nothing" = "x"', False, "'moorcheh.nothing' is no clause; --list prints them all"),
        ('"moorcheh.quota.*" = "x"', False, "'moorcheh.quota.*' is no clause; --list prints them all"),
        ('"moorcheh.nothing.*" = "x"', True, "'moorcheh.nothing.*' is no clause; --list prints them all"),
        (f'"{QUOTA}" = ""', False, f"'{QUOTA}' has no reason: expected a text, got ''"),
        (f'"{QUOTA}" = 7', False, f"'{QUOTA}' has no reason: expected a text, got 7"),
        (f'"{QUOTA}"', False, "Expected '=' after a key"),
    ],
)
def test_a_mistake_is_told_in_one_line(text: str, globs: bool, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UnusableReasonsError) as caught:
        load_reasons(path, globs=globs)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableReasonsError, match=r"reasons.toml: No such file or directory"):
        load_reasons(tmp_path / "reasons.toml")


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "reasons.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(UnusableReasonsError, match="can't decode"):
        load_reasons(path)


@pytest.mark.parametrize("reason", ["plain", 'with "quotes" and \\', "ä → \U0001f600", "\ud800 alone"])
def test_what_is_written_can_be_read(reason: str, tmp_path: Path) -> None:
    path = tmp_path / "reasons.toml"
    write_reasons(path, {QUOTA: reason}, "Reasons.")
    assert path.read_text(encoding="utf-8").startswith("# Reasons.\n")
    assert tomllib.loads(path.read_text(encoding="utf-8")) == {QUOTA: reason.replace("\ud800", "?")}


def test_what_stays_is_written_as_it_was_spelled(tmp_path: Path) -> None:
    path = tmp_path / "reasons.toml"
    path.write_text(
        "# Ours, since March.\n"
        f'"{QUOTA}" = "a race"  # ticket 7\n'
        "\n"
        "# The gateway:\n"
        'moorcheh.health.answers = """no\nanswer"""\n'
        "moorcheh.health.counts-all = 'gone'\n"
    )
    reasons = load_reasons(path)
    del reasons["moorcheh.health.counts-all"]
    write_reasons(path, {**reasons, "moorcheh.quota.body": "new"}, "Reasons.")
    assert path.read_text() == (
        "# Ours, since March.\n"
        f'"{QUOTA}" = "a race"  # ticket 7\n'
        "\n"
        "# The gateway:\n"
        'moorcheh.health.answers = """no\nanswer"""\n'
        '"moorcheh.quota.body" = "new"\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        '[moorcheh.health]\nanswers = "a"\n[moorcheh.quota]\nbody = "b"\n',
        'moorcheh.health.answers = "a"\nmoorcheh.quota.body = "b"\n',
        'moorcheh = {health = {answers = "a"}, quota.body = "b"}\n',
        '[moorcheh]\n"health.answers" = "a"\nquota.body = "b"\n',
    ],
)
@pytest.mark.parametrize(
    "reasons",
    [
        {"moorcheh.health.answers": "a"},
        {"moorcheh.quota.body": "b", "moorcheh.quota.over-cap": "c"},
        {
            "moorcheh.health.answers": "a",
            "moorcheh.quota.body": "b",
            QUOTA: "c",
            "moorcheh.quota.exact-fill": "d",
        },
        {},
    ],
)
def test_however_a_file_is_spelled_it_holds_what_was_written(
    text: str, reasons: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "reasons.toml"
    path.write_text(text)
    write_reasons(path, reasons, "Reasons.")
    assert load_reasons(path) == reasons
