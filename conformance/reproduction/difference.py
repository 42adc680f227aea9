"""Differences: where a faulty server's answer is not a correct one's, as conditions a test can state."""

import json
import re
from collections.abc import Iterator
from typing import Any

from conformance import wire
from conformance.exchange import Exchange

STATUSES = re.compile(r"\d{3}(?: or \d{3})*")
SAID = re.compile(r'a message with "(.+)"')
TYPED = re.compile(r"a field '(\w+)' of type (\w+(?: or \w+)*)")
TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float, int",
    "object": "dict",
    "array": "list",
    "null": "type(None)",
    "bool": "bool",
}
# What two correct servers may say in different ways.
VOLATILE = re.compile(
    r"message|execution_time|timings|job_id|.*_at|.*_at_m..|time|answer|score|scores|distance"
)

OWN_NAME = re.compile(r"vecpact-[0-9a-f]{8}(?=-\d)")
# What servers make up is hexadecimal more often than not.
MADE_UP = re.compile(r"[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Condition = tuple[str, str]


def conditions(expected: str, faulty: Exchange, correct: Exchange) -> list[str]:
    """What a test may state of an answer: it is so of the correct one, and not of the faulty one.

    Args:
        expected: What the check expected, in words.
        faulty: What the faulty server answered.
        correct: What the correct one answered to the same.
    """
    if expected == "an acceptance" and not faulty.succeeded:
        return ["answer.is_success"]
    if STATUSES.fullmatch(expected) and str(faulty.status) not in expected.split(" or "):
        return [f"answer.status_code in ({', '.join(expected.split(' or '))},)"]
    if said := SAID.fullmatch(expected):
        return [f"{said[1].lower()!r} in answer.text.lower()"]
    if typed := TYPED.fullmatch(expected):
        kinds = ", ".join(TYPES[word] for word in typed[2].split(" or "))
        return [f"type(at(answer, {typed[1]!r})) in ({kinds},)"]
    if faulty.succeeded != correct.succeeded:
        return [f"answer.status_code == {correct.status}"]
    found = dict(_differing("", faulty.value, correct.value))
    material = {
        path: said for path, said in found.items() if not any(map(VOLATILE.fullmatch, path.split(".")))
    }
    named = {path: said for path, said in material.items() if _last(path) and _last(path) in expected}
    if not material and faulty.status != correct.status:
        return [f"answer.status_code == {correct.status}"]
    return list((named or material).values())


def _differing(path: str, faulty: Any, correct: Any) -> Iterator[Condition]:
    """The conditions by the paths of the smallest parts that differ."""
    if wire.same(faulty, correct) or _free(faulty) == _free(correct) or _is_made_up(correct):
        return
    if isinstance(faulty, dict) and isinstance(correct, dict):
        for key in correct:
            if re.fullmatch(r"[\w-]+", key) and key not in faulty:
                yield f"{path}.{key}".lstrip("."), f"{key!r} in (at(answer, {path!r}) or {{}})"
            elif re.fullmatch(r"[\w-]+", key):
                yield from _differing(f"{path}.{key}".lstrip("."), faulty.get(key), correct[key])
        for key in faulty.keys() - correct.keys():
            yield f"{path}.{key}".lstrip("."), f"at(answer, {f'{path}.{key}'.lstrip('.')!r}) is None"
    elif isinstance(faulty, list) and isinstance(correct, list) and len(faulty) == len(correct):
        for number, pair in enumerate(zip(faulty, correct, strict=True)):
            yield from _differing(f"{path}.{number}".lstrip("."), *pair)
    elif isinstance(faulty, list) and isinstance(correct, list):
        yield path, f"len(at(answer, {path!r}) or []) == {len(correct)}"
    elif isinstance(correct, (dict, list)) and len(json.dumps(correct)) > 1_000:
        yield path, f"isinstance(at(answer, {path!r}), {type(correct).__name__})"
    else:
        yield path, f"at(answer, {path!r}) == {correct!r}"


def free_of_names(text: str) -> str:
    """A text without the names that the run or the server have made up."""
    return MADE_UP.sub("MADE_UP", OWN_NAME.sub("vecpact-RUN", text))


def _free(value: Any) -> Any:
    return free_of_names(value) if isinstance(value, str) else object()


def _is_made_up(value: Any) -> bool:
    return isinstance(value, str) and free_of_names(value) != value


def _last(path: str) -> str:
    """The last name of a path; positions in lists are none."""
    return next((key for key in reversed(path.split(".")) if not key.isdigit()), "")
