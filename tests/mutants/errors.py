"""Mutants that refuse in the wrong words, trip over strange requests, or read what is no JSON."""

import json
from collections.abc import Callable

import pytest

from mock_server.moorcheh import service
from mock_server.moorcheh.service import Moorcheh
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    GET_ITEMS,
    NAMESPACES,
    SEARCH,
    VECTORS,
    Body,
    Handle,
    amend_refusals,
    around,
    refusal,
    refuse_with,
)

READERS = (VECTORS, GET_ITEMS, NAMESPACES, SEARCH)


@mutant("moorcheh.errors.envelope", "The text of a 400 is under detail, not under message")
def detail_for_message(patch: pytest.MonkeyPatch) -> None:
    def rename(_call: Call, refused: Refused, body: Body) -> None:
        if refused.clause.startswith("moorcheh.vectors."):
            body["detail"] = body.pop("message")

    amend_refusals(patch, rename)


@mutant("moorcheh.errors.envelope", 'A refused search says "failure", as other refusals do')
def a_search_fails_as_others(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(service, "SEARCH_CODE", "failure")


@mutant("moorcheh.errors.envelope", "The 404 of an upload job has an empty message")
def a_silent_404(patch: pytest.MonkeyPatch) -> None:
    def silence(_call: Call, refused: Refused, body: Body) -> None:
        if refused.clause == "moorcheh.jobs.unknown":
            body["message"] = ""

    amend_refusals(patch, silence)


@mutant("moorcheh.errors.envelope", "Too many ids are refused with a list of messages")
def a_list_of_messages(patch: pytest.MonkeyPatch) -> None:
    def enlist(_call: Call, refused: Refused, body: Body) -> None:
        if refused.clause == "moorcheh.items.ids-100":
            body["message"] = [body["message"]]

    amend_refusals(patch, enlist)


@mutant("moorcheh.errors.no-5xx", "An unknown path is answered with 501", hardest=True)
def unknown_paths_are_not_implemented(patch: pytest.MonkeyPatch) -> None:
    fail = Moorcheh.fail

    def not_implemented(self: Moorcheh, path: str, status: int, message: str) -> Answer:
        return fail(self, path, 501 if status == 404 else status, message)

    patch.setattr(Moorcheh, "fail", not_implemented)


@mutant("moorcheh.errors.no-5xx", "Half a character in an id is answered with 500")
def half_a_character_is_too_much(patch: pytest.MonkeyPatch) -> None:
    _trip_over(patch, lambda body: rb'"\ud800"' in body)


@mutant("moorcheh.errors.no-5xx", "A deep nest of arrays is answered with 500")
def a_deep_nest_is_too_much(patch: pytest.MonkeyPatch) -> None:
    _trip_over(patch, lambda body: b"[" * 1_000 in body)


@mutant("moorcheh.errors.malformed-json", "A body that is no JSON is answered with 422")
def unprocessable_for_malformed(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.errors.malformed-json", 422)


@mutant("moorcheh.errors.malformed-json", "An object that stands in an array is taken for the object")
def an_array_around_the_object(patch: pytest.MonkeyPatch) -> None:
    def unwrap(body: bytes) -> bytes:
        document = json.loads(body)
        return json.dumps(document[0]).encode() if isinstance(document, list) and document else body

    _read(patch, unwrap)


@mutant("moorcheh.errors.malformed-json", "An object that was encoded twice, into a string, is taken")
def a_string_of_the_object(patch: pytest.MonkeyPatch) -> None:
    def decode_again(body: bytes) -> bytes:
        document = json.loads(body)
        return document.encode() if isinstance(document, str) else body

    _read(patch, decode_again)


@mutant("moorcheh.errors.malformed-json", "Whatever stands behind the object is not read")
def the_rest_is_not_read(patch: pytest.MonkeyPatch) -> None:
    def cut(body: bytes) -> bytes:
        text = body.decode()
        return text[: json.JSONDecoder().raw_decode(text)[1]].encode()

    _read(patch, cut)


@mutant("moorcheh.errors.malformed-json", "Bytes that are no UTF-8 are read all the same")
def other_encodings_are_read(patch: pytest.MonkeyPatch) -> None:
    _read(patch, lambda body: body.decode(errors="replace").encode())


@mutant("moorcheh.errors.malformed-json", "A comma too many at the end is overlooked")
def a_comma_too_many(patch: pytest.MonkeyPatch) -> None:
    _read(patch, lambda body: body.replace(b",}", b"}").replace(b",]", b"]"))


def _trip_over(patch: pytest.MonkeyPatch, strange: Callable[[bytes], bool]) -> None:
    def trip(handle: Handle, world: World, call: Call) -> Answer:
        return refusal(500, "something went wrong") if strange(call.body) else handle(world, call)

    around(patch, VECTORS, trip)


def _read(patch: pytest.MonkeyPatch, reading: Callable[[bytes], bytes]) -> None:
    """Gives each body another reading, where there is one, before the mock judges it."""

    def read(handle: Handle, world: World, call: Call) -> Answer:
        try:
            body = reading(call.body)
        except (ValueError, RecursionError):
            body = call.body
        return handle(world, call.saying(body))

    for path in READERS:
        around(patch, path, read)
