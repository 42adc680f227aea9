"""Moorcheh as a service."""

from mock_server.moorcheh.service import MOORCHEH


def test_each_method_of_a_path_has_one_operation() -> None:
    pairs = [(operation.method, operation.path) for operation in MOORCHEH.operations]
    assert len(pairs) == len({*pairs})


def test_only_search_says_error() -> None:
    assert MOORCHEH.fail("/search", 405, "no").body == {"status": "error", "message": "no"}
    assert MOORCHEH.fail("/searches", 404, "no").body == {"status": "failure", "message": "no"}
