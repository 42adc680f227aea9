"""Mutants that word refusals wrongly, stumble over strange bodies, or take what is no JSON object."""

from collections.abc import Callable

import pytest

from mock_server.cortex.service import Cortex
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    FILTER,
    FIND,
    INSERT,
    RETRIEVE,
    SEARCH,
    UPLOAD,
    amend_refusals,
    around,
    place_of,
    refusal,
    refuse_with,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of

DEEP = b"[" * 1_000


@mutant("cortex.errors.envelope", "The detail of a refusal is its message alone")
def detail_is_a_string(patch: pytest.MonkeyPatch) -> None:
    amend_refusals(patch, lambda _call, refused, body: body.update(detail=refused.detail))


@mutant("cortex.errors.envelope", "Refusals have no detail around their fields")
def no_detail(patch: pytest.MonkeyPatch) -> None:
    amend_refusals(patch, lambda _call, _refused, body: body.update(body.pop("detail")))


@mutant("cortex.errors.envelope", "A refused body has no error_code")
def no_error_code(patch: pytest.MonkeyPatch) -> None:
    _change_detail(patch, 422, lambda detail: detail.pop("error_code"))


@mutant("cortex.errors.envelope", "The error_code of an unknown tenant is its status")
def a_number_for_a_code(patch: pytest.MonkeyPatch) -> None:
    _change_detail(patch, 404, lambda detail: detail.update(error_code=404))


@mutant("cortex.errors.envelope", "The refusal of a missing key does not say success")
def no_success_without_key(patch: pytest.MonkeyPatch) -> None:
    _change_detail(patch, 401, lambda detail: detail.pop("success"))


@mutant("cortex.errors.envelope", "A refusal says success true")
def a_successful_refusal(patch: pytest.MonkeyPatch) -> None:
    _change_detail(patch, 400, lambda detail: detail.update(success=True))


@mutant("cortex.errors.envelope", "A refused deletion by chunk ids has an empty message")
def no_message_of_a_deletion(patch: pytest.MonkeyPatch) -> None:
    def change(_call: Call, refused: Refused, body: Body) -> None:
        if refused.clause == "cortex.delete.empty":
            body["detail"]["message"] = ""

    amend_refusals(patch, change)


@mutant("cortex.errors.no-5xx", "A body that is nested too deep is a server error")
def deep_nests_overflow(patch: pytest.MonkeyPatch) -> None:
    _stumble(patch, lambda call: DEEP in call.body)


@mutant("cortex.errors.no-5xx", "A file_id that is a number is a server error")
def a_number_for_a_file_id(patch: pytest.MonkeyPatch) -> None:
    _stumble(patch, lambda call: isinstance(document_of(call).get("file_id"), int))


@mutant("cortex.errors.no-5xx", "Half a surrogate pair is a server error")
def half_a_character(patch: pytest.MonkeyPatch) -> None:
    _stumble(patch, lambda call: b"\\ud8" in call.body)


@mutant("cortex.errors.no-5xx", "A method that a path does not have is a server error")
def a_wrong_method_fails(patch: pytest.MonkeyPatch) -> None:
    fail = Cortex.fail

    def failing(self: Cortex, path: str, status: int, message: str) -> Answer:
        return fail(self, path, 500 if status == 405 else status, message)

    patch.setattr(Cortex, "fail", failing)


@mutant("cortex.errors.malformed-json", "A body that is no JSON is refused with 415")
def an_unsupported_type(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.errors.malformed-json", 415)


@mutant("cortex.errors.malformed-json", "A search by an empty array finds nothing in place of being refused")
def an_array_for_a_search(patch: pytest.MonkeyPatch) -> None:
    def find_nothing(handle: Handle, world: World, call: Call) -> Answer:
        if call.body == b"[]":
            return Answer(200, {"chunk_ids": [], "scores": [], "success": True, "message": "Nothing"})
        return handle(world, call)

    around(patch, SEARCH, find_nothing)


@mutant("cortex.errors.malformed-json", "An upload of null is refused, and empties the sub-tenant")
def null_empties(patch: pytest.MonkeyPatch) -> None:
    _empty_at(patch, UPLOAD, b"null")


@mutant("cortex.errors.malformed-json", "A broken insert is refused, and empties the sub-tenant")
def a_broken_body_empties(patch: pytest.MonkeyPatch) -> None:
    _empty_at(patch, INSERT, b"{")


def _change_detail(patch: pytest.MonkeyPatch, status: int, change: Callable[[Body], object]) -> None:
    """Changes the detail of every refusal with a status."""
    refuse = Cortex.refuse

    def changed(self: Cortex, call: Call, refused: Refused) -> Answer:
        answer = refuse(self, call, refused)
        assert isinstance(answer.body, dict)
        if answer.status == status:
            change(answer.body["detail"])
        return answer

    patch.setattr(Cortex, "refuse", changed)


def _stumble(patch: pytest.MonkeyPatch, when: Callable[[Call], bool]) -> None:
    def stumble(handle: Handle, world: World, call: Call) -> Answer:
        return refusal(500, "Internal error", "INTERNAL_ERROR") if when(call) else handle(world, call)

    for path in (UPLOAD, INSERT, SEARCH, RETRIEVE, FIND, FILTER):
        around(patch, path, stumble)


def _empty_at(patch: pytest.MonkeyPatch, path: str, body: bytes) -> None:
    """Removes all there is where a body comes that is refused."""

    def empty(handle: Handle, world: World, call: Call) -> Answer:
        place = place_of(world, call)
        if call.body == body and place is not None:
            place.remove([*place.chunks])
        return handle(world, call)

    around(patch, path, empty)
