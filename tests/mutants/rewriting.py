"""Rewriting what the mock hears and says: most mutants are one of these with one small change."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from mock_server.moorcheh import service, uploads
from mock_server.moorcheh.service import Moorcheh
from mock_server.moorcheh.store import Namespace, Store
from mock_server.refusal import Refused
from mock_server.rules import Rule, S
from mock_server.service import Answer, Call, Operation, Service
from mock_server.session import World

HEALTH = "/health"
NAMESPACES = "/namespaces"
NAMESPACE = "/namespaces/{namespace}"
DELETE_JOB = "/namespaces/{namespace}/delete-jobs/{job_id}"
VECTORS = "/namespaces/{namespace}/vectors"
DOCUMENTS = "/namespaces/{namespace}/documents"
UPLOAD_JOB = "/namespaces/{namespace}/upload-jobs/{job_id}"
GET_ITEMS = "/namespaces/{namespace}/items/get"
DELETE_ITEMS = "/namespaces/{namespace}/items/delete"
FETCH = "/namespaces/{namespace}/documents/fetch-text-data"
SEARCH = "/search"
ANSWER = "/answer"
FILES = "/namespaces/{namespace}/files"
FILE = "/namespaces/{namespace}/files/{file_id}"
DELETE_FILE = "/namespaces/{namespace}/files/delete"

Body = dict[str, Any]
Handle = Callable[[World, Call], Answer]
Around = Callable[[Handle, World, Call], Answer]


def around(patch: pytest.MonkeyPatch, path: str, change: Around, method: str = "POST") -> None:
    """Puts a function around an operation; it is given the operation's own function to call or not."""
    around_all(patch, Moorcheh, lambda each: (each.method, each.path) == (method, path), change)


def amend(
    patch: pytest.MonkeyPatch, path: str, change: Callable[[Body], object], method: str = "POST"
) -> None:
    """Lets a function change the body of every success of an operation in place."""
    around(patch, path, amending(change), method)


def put_status(patch: pytest.MonkeyPatch, path: str, status: int, method: str = "POST") -> None:
    """Gives every success of an operation another status."""
    around(patch, path, with_status(status), method)


def mishear(patch: pytest.MonkeyPatch, path: str, change: Callable[[Body], object]) -> None:
    """Lets a function change what a POST asks for in place; a body that is no JSON object stays as it is."""
    around(patch, path, mishearing(change))


def mishear_items(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    """Lets a function change every item of an upload of vectors in place, before it is judged."""

    def change_all(body: Body) -> None:
        for item in items_in(body):
            change(item)

    mishear(patch, VECTORS, change_all)


def refuse_with(patch: pytest.MonkeyPatch, clause: str, status: int, speaker: ModuleType = service) -> None:
    """Gives the refusals of a clause another status; the speaker is the module that words them."""
    table = {**speaker.refusals()}
    table[clause] = replace(table[clause], status=status)
    patch.setattr(speaker, "refusals", lambda: table)


def amend_refusals(
    patch: pytest.MonkeyPatch, change: Callable[[Call, Refused, Body], object], api: type[Service] = Moorcheh
) -> None:
    """Lets a function change the body of every refusal of a service in place."""
    refuse = api.refuse

    def amended(self: Service, call: Call, refused: Refused) -> Answer:
        answer = refuse(self, call, refused)
        body = said(answer)
        change(call, refused, body)
        return replace(answer, body=body)

    patch.setattr(api, "refuse", amended)


def around_all(
    patch: pytest.MonkeyPatch, api: type[Any], chosen: Callable[[Operation], bool], change: Around
) -> None:
    """Puts a function around those operations of a service that another function chooses."""
    operations: list[Operation] = [*api.operations]
    changed = [
        replace(each, handle=partial(change, each.handle)) if chosen(each) else each for each in operations
    ]
    assert changed != operations, f"the mock has no such operation of {api.name}"
    patch.setattr(api, "operations", changed)


def amending(change: Callable[[Body], object]) -> Around:
    """Makes what lets a function change the body of every success in place."""

    def amended(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        body = said(answer)
        change(body)
        return replace(answer, body=body)

    return amended


def with_status(status: int) -> Around:
    """Makes what gives every success another status."""
    return lambda handle, world, call: replace(handle(world, call), status=status)


def mishearing(change: Callable[[Body], object]) -> Around:
    """Makes what lets a function change the JSON object of every call in place."""

    def misheard(handle: Handle, world: World, call: Call) -> Answer:
        document = document_of(call)
        change(document)
        return handle(world, saying(call, document) if document_of(call) else call)

    return misheard


def let_pass(
    patch: pytest.MonkeyPatch,
    table: Mapping[str, Rule[S]],
    clause: str,
    excused: Callable[[S], bool],
) -> None:
    """Makes one rule of a table blind to the subjects a function picks out."""
    rule = table[clause]

    def blind(subject: S) -> Iterator[str]:
        return iter(()) if excused(subject) else rule(subject)

    patch.setitem(table, clause, blind)


def refuse_also(
    patch: pytest.MonkeyPatch, table: Mapping[str, Rule[S]], clause: str, when: Callable[[S], bool]
) -> None:
    """Makes one rule of a table refuse more than it should; uploads are then read by the rules alone."""
    tighten(patch, table, clause, when)
    read_by_the_rules(patch)


def tighten(
    patch: pytest.MonkeyPatch, table: Mapping[str, Rule[S]], clause: str, when: Callable[[S], bool]
) -> None:
    """Makes one rule of a table refuse more than it should, of what is judged by it."""
    rule = table[clause]

    def stricter(subject: S) -> Iterator[str]:
        if when(subject):
            yield "this server does not take that"
        yield from rule(subject)

    patch.setitem(table, clause, stricter)


def read_by_the_rules(patch: pytest.MonkeyPatch) -> None:
    """Turns the fast reading of uploads off, which accepts plain ones without asking the rules."""
    patch.setattr(uploads, "quick_vectors", lambda _body: None)


def said(answer: Answer) -> Body:
    """Copies the JSON object of an answer."""
    assert isinstance(answer.body, dict)
    return copy.deepcopy(answer.body)


def document_of(call: Call) -> Body:
    """Reads the JSON object a call sends, NaN and Infinity allowed; an empty one where it sends none."""
    try:
        document = json.loads(call.body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def saying(call: Call, document: object) -> Call:
    """Answers the same call with another JSON document as its body."""
    return call.saying(json.dumps(document).encode())


def sent_items(call: Call, field: str = "vectors") -> list[Body]:
    """Lists the items an upload sends, those that are objects."""
    return items_in(document_of(call), field)


def items_in(document: Mapping[str, Any], field: str = "vectors") -> list[Body]:
    """Lists the objects in an array of a document."""
    items = document.get(field)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def place_of(world: World, call: Call) -> Namespace | None:
    """Finds the namespace that a call names in its path."""
    return world.part(Store).namespaces.get(call.parameters["namespace"])


def refusal(status: int, message: str, code: str = "failure") -> Answer:
    """Makes a refusal that no rule of the mock would."""
    return Answer(status, {"status": code, "message": message})


def finish_jobs(world: World, before: set[str]) -> None:
    """Completes the jobs that were not running before."""
    for job in [*world.jobs.running.values()]:
        if job.id not in before:
            world.jobs.complete(job)
