"""What the mock heard: a request to the letter."""

import pytest

from conformance.client.contract import operations, wrong_with
from conformance.client.heard import Number
from tests.conformance.client.replies import heard


def test_segments_and_fields_are_decoded_one_by_one() -> None:
    assert heard().segments == ["", "namespaces", "a/b é", "vectors"]
    assert heard().fields == [("limit", "1"), ("next_token", "a&b c"), ("empty", "")]


def test_a_body_is_a_value_and_its_numbers_have_spellings() -> None:
    assert heard().value == {"n": 1.0}
    assert heard().spelled == {"n": Number("1.0")}
    assert heard().answered == {"ok": True}


@pytest.mark.parametrize("body", [None, "", "{", '{"n": NaN}'])
def test_what_is_no_json_has_no_value(body: str | None) -> None:
    assert heard(body=body).value is None
    assert heard(body=body).spelled is None


def test_a_request_is_shown_in_a_line() -> None:
    assert heard().left_at == 10.5
    assert heard(body="a\n\x1b").outcome().endswith(r"&empty= a\n\x1b -> 202")
    assert (
        heard(body=None, query="", status=None).outcome()
        == "POST /namespaces/a%2Fb%20%C3%A9/vectors -> no answer"
    )
    assert heard(body="x" * 1_000).outcome().endswith("... (1,000 characters) -> 202")


def test_a_request_is_known_by_its_operation() -> None:
    upload = operations("moorcheh")["uploadVectors"]
    assert upload.fits(heard())
    assert upload.parameters(heard()) == {"namespace_name": "a/b é"}
    for other in (heard(method="PUT"), heard(raw_path="/namespaces/a/b/vectors"), heard(raw_path="/vectors")):
        assert not upload.fits(other)
    assert upload.parameters(heard(raw_path="/vectors")) == {}


def test_every_spelling_of_a_path_is_the_same_operation() -> None:
    retrieve = operations("cortex")["retrieveEmbeddings"]
    for path in ("retrieve_by_ids", "retrieve-by-ids", "by-chunk-ids", "by_chunk_ids"):
        assert retrieve.fits(heard(raw_path=f"/embeddings/{path}"))


def test_what_does_not_fit_a_schema_is_said_in_a_line() -> None:
    schema = "upload-vectors.request.schema.json"
    assert not wrong_with("moorcheh", schema, {"vectors": [{"id": "a", "vector": [1]}]})
    assert wrong_with("moorcheh", schema, {"vectors": [{"id": 1, "vector": [1]}]}) == (
        "$.vectors[0].id: 1 is not of type 'string'"
    )
