"""Faults of a client of Cortex."""

from dataclasses import replace
from typing import Any

from tests.careless.fault import Faults, answer_of, body_of, everywhere, field, is_object, of_each, without
from tests.careless.shared_faults import with_error
from tests.careless.ways import Failed, Ways, raise_it, refused

FAULTS = Faults()


@FAULTS.add("cortex.client.requests.endpoints")
def inserts_at_another_path(ways: Ways) -> Ways:
    """It has a path of its own for searches."""
    return replace(
        ways,
        method_and_path=lambda _operation, method, path: (
            method,
            path.replace("/embeddings/search", "/search"),
        ),
    )


@FAULTS.add("cortex.client.requests.schema")
def searches_with_a_list_of_vectors(ways: Ways) -> Ways:
    """It sends the one vector of a search as a matrix."""
    return replace(ways, body=body_of(field("embeddings", lambda vector: [vector]), "searchEmbeddings"))


@FAULTS.add("cortex.client.requests.bearer")
def sends_a_bare_key(ways: Ways) -> Ways:
    """It sends the key of a search by another scheme than that of an upload."""
    return replace(ways, authorization=lambda key: f"Bearer {key[:-1]}")


@FAULTS.add("cortex.client.requests.chunk-ids")
def joins_chunk_ids(ways: Ways) -> Ways:
    """It sends several chunk_ids as one, parted by commas."""

    def joined(pairs: Any) -> str:
        ids = ",".join(text for name, text in pairs if name == "chunk_ids")
        others = [(name, text) for name, text in pairs if name != "chunk_ids"]
        return Ways().query([*others, ("chunk_ids", ids)] if ids else others)

    return replace(ways, query=joined)


@FAULTS.add("cortex.client.requests.sub-tenant")
def sends_none_by_name(ways: Ways) -> Ways:
    """It sends the word None where there is no sub-tenant."""
    return replace(ways, scope=str)


@FAULTS.add("cortex.client.requests.sub-tenant")
def has_a_sub_tenant_of_its_own(ways: Ways) -> Ways:
    """It sends "default" where there is no sub-tenant, which is a name like any other."""
    return replace(ways, scope=lambda name: name or "default")


@FAULTS.add("cortex.client.requests.defaults")
def upserts_unasked(ways: Ways) -> Ways:
    """It upserts where the caller says nothing."""
    return replace(ways, body=body_of(lambda body: {"upsert": True, **body}, "insertRawEmbeddings"))


@FAULTS.add("cortex.client.matrix.rows")
def turns_rows_round(ways: Ways) -> Ways:
    """It sends the last row first."""
    return replace(ways, body=body_of(field("embeddings", lambda rows: rows[::-1]), "uploadEmbeddings"))


@FAULTS.add("cortex.client.matrix.rows")
def loses_the_last_row_of_many(ways: Ways) -> Ways:
    """It forgets the last row where there are more than three."""
    return replace(
        ways,
        body=body_of(
            field("embeddings", lambda rows: rows[:-1] if len(rows) > 3 else rows), "uploadEmbeddings"
        ),
    )


@FAULTS.add("cortex.client.matrix.file-id")
def lowers_file_ids(ways: Ways) -> Ways:
    """It makes small letters of those of a file_id."""
    return replace(ways, body=body_of(field("file_id", str.lower), "uploadEmbeddings"))


@FAULTS.add("cortex.client.matrix.file-id")
def drops_metadata(ways: Ways) -> Ways:
    """It sends no metadata of the tenant."""
    return replace(ways, body=body_of(without("tenant_metadata"), "uploadEmbeddings"))


@FAULTS.add("cortex.client.matrix.updates")
def mixes_up_updates(ways: Ways) -> Ways:
    """It sends the vectors of an update under each other's ids."""

    def mixed(vectors: dict[str, Any]) -> dict[str, Any]:
        return dict(zip(vectors, reversed(vectors.values()), strict=True))

    return replace(ways, body=body_of(field("embeddings", mixed), "updateEmbeddings"))


@FAULTS.add("cortex.client.documents.sent")
def strips_chunk_ids(ways: Ways) -> Ways:
    """It takes capitals and the blanks at the ends out of chunk ids."""
    chunks = of_each(field("chunk_id", lambda text: text.strip().lower()))
    return replace(
        ways, body=body_of(field("embeddings", of_each(field("embeddings", chunks))), "insertRawEmbeddings")
    )


@FAULTS.add("cortex.client.documents.sent")
def flattens_metadata_of_sources(ways: Ways) -> Ways:
    """It sends nested metadata as text."""
    flat = field(
        "metadata",
        lambda free: {
            key: str(value) if isinstance(value, dict | list) else value for key, value in free.items()
        },
    )
    return replace(ways, body=body_of(field("embeddings", of_each(flat)), "insertRawEmbeddings"))


@FAULTS.add("cortex.client.documents.upsert")
def never_upserts(ways: Ways) -> Ways:
    """It leaves upsert out."""
    return replace(ways, body=body_of(without("upsert"), "insertRawEmbeddings"))


@FAULTS.add("cortex.client.documents.large")
def loses_the_last_sources(ways: Ways) -> Ways:
    """It sends full batches, and forgets the rest."""
    return replace(ways, batches=lambda items: [items[: len(items) // 8 * 8] or items])


@FAULTS.add("cortex.client.documents.large-order")
def sends_the_last_sources_first(ways: Ways) -> Ways:
    """It sends the batches from the end."""
    return replace(
        ways,
        batches=lambda items: [items[start : start + 10] for start in reversed(range(0, len(items), 10))],
    )


@FAULTS.add("cortex.client.finding.query")
def drops_filter_expressions(ways: Ways) -> Ways:
    """It sends a search without its filter_expr."""
    return replace(ways, body=body_of(without("filter_expr"), "searchRawEmbeddings"))


@FAULTS.add("cortex.client.finding.hits")
def dies_of_bare_arrays(ways: Ways) -> Ways:
    """It looks for results in an object, and finds none."""
    return replace(ways, told=lambda _operation, answer: answer if is_object(answer) else {"results": []})


@FAULTS.add("cortex.client.finding.scores")
def sorts_chunk_ids(ways: Ways) -> Ways:
    """It sorts the scores, and leaves the ids."""
    return replace(ways, told=answer_of(field("scores", sorted), "searchEmbeddings"))


@FAULTS.add("cortex.client.answers.file-id")
def keeps_file_ids_to_itself(ways: Ways) -> Ways:
    """It tells the caller of success without the file."""
    return replace(ways, told=answer_of(without("file_id", "batch_id"), "uploadEmbeddings"))


@FAULTS.add("cortex.client.answers.overwritten")
def has_a_message_of_its_own(ways: Ways) -> Ways:
    """It has words of its own for every upload."""
    return replace(ways, told=answer_of(field("message", lambda _text: "Uploaded."), "uploadEmbeddings"))


@FAULTS.add("cortex.client.answers.float32")
def expects_64_bits(ways: Ways) -> Ways:
    """It takes a vector that comes back rounded for a broken one."""

    def exact(answer: Any) -> Any:
        numbers = [number for vector in answer["embeddings"].values() for number in vector]
        if any(number != round(number, 6) for number in numbers):
            raise Failed("answer", "the vector is not what was stored")
        return answer

    return replace(ways, told=answer_of(exact, "retrieveEmbeddings"))


@FAULTS.add("cortex.client.answers.not-found")
def keeps_missing_chunks_to_itself(ways: Ways) -> Ways:
    """It tells not which chunk ids were not found."""
    return replace(ways, told=answer_of(without("not_found_chunk_ids"), "retrieveEmbeddings"))


@FAULTS.add("cortex.client.errors.code")
def loses_codes(ways: Ways) -> Ways:
    """It tells of a refusal without its error_code."""

    def refusing(operation: str, status: int, text: bytes) -> Failed:
        failed = refused(operation, status, text)
        body = failed.error["body"]
        return with_error(
            failed, body=field("detail", without("error_code"))(body) if is_object(body) else body
        )

    return replace(ways, refused=refusing)


@FAULTS.add("cortex.client.errors.unauthorized")
def takes_a_wrong_key_for_nothing(ways: Ways) -> Ways:
    """It answers an empty result where a key is not taken."""
    return replace(ways, failing=lambda failed: {} if failed.error.get("status") == 401 else raise_it(failed))


@FAULTS.add("cortex.client.errors.rate-limited")
def takes_a_rate_limit_for_nothing(ways: Ways) -> Ways:
    """It answers an empty result where it comes too often."""
    return replace(ways, failing=lambda failed: {} if failed.error.get("status") == 429 else raise_it(failed))


@FAULTS.add("cortex.client.errors.detail-text")
def dies_of_a_detail_that_is_text(ways: Ways) -> Ways:
    """It looks for a message in a detail that is a text, and ends."""
    return replace(ways, refused=_dying_of(str))


@FAULTS.add("cortex.client.errors.detail-list")
def dies_of_a_detail_that_is_a_list(ways: Ways) -> Ways:
    """It looks for a message in a detail that is a list, and ends."""
    return replace(ways, refused=_dying_of(list))


@FAULTS.add("cortex.client.errors.failure-within")
def makes_up_success_of_uploads(ways: Ways) -> Ways:
    """It says success of every answer with a status of success."""
    return replace(
        ways, told=lambda _operation, answer: {**answer, "success": True} if is_object(answer) else answer
    )


@FAULTS.add("cortex.client.processing.errored")
def ignores_errored_uploads(ways: Ways) -> Ways:
    """It takes an upload that has ended errored for one that is completed."""
    done = everywhere(lambda value: "completed" if value == "errored" else value)
    return replace(ways, told=answer_of(done, "verifyUpload"))


@FAULTS.add("cortex.client.repeats.no-duplicate")
def leaves_files_without_ids(ways: Ways) -> Ways:
    """It sends a matrix again without a file_id, which makes another file of it."""
    return replace(ways, file_id=lambda: None)


def _dying_of(kind: type) -> Any:
    def dying(operation: str, status: int, text: bytes) -> Failed:
        failed = refused(operation, status, text)
        body = failed.error["body"]
        if is_object(body) and isinstance(body.get("detail"), kind):
            raise SystemExit
        return failed

    return dying
