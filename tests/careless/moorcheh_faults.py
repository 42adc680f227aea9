"""Faults of a client of Moorcheh."""

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.careless.fault import Faults, answer_of, body_of, everywhere, field, of_each, without
from tests.careless.shared_faults import single, with_error
from tests.careless.ways import Failed, Ways, batches, encoded, raise_it, refused

FAULTS = Faults()
OWN = ("id", "vector", "text")


def metadata(change: Any) -> Any:
    """Changes the metadata of each item in a body."""

    def of_item(item: dict[str, Any]) -> dict[str, Any]:
        free = {key: value for key, value in item.items() if key not in OWN}
        return {**{key: item[key] for key in OWN if key in item}, **change(free)}

    return lambda body: field("documents", of_each(of_item))(field("vectors", of_each(of_item))(body))


def ids(change: Any) -> Any:
    """Changes the id of each item in a body, and each of its ids."""
    of_item = of_each(field("id", change))
    return lambda body: field("ids", of_each(change))(
        field("documents", of_item)(field("vectors", of_item)(body))
    )


@FAULTS.add("moorcheh.client.requests.endpoints")
def asks_for_jobs_at_another_path(ways: Ways) -> Ways:
    """It has a path of its own for jobs."""
    return replace(
        ways, method_and_path=lambda _operation, method, path: (method, path.replace("upload-jobs", "jobs"))
    )


@FAULTS.add("moorcheh.client.requests.endpoints")
def deletes_with_post(ways: Ways) -> Ways:
    """It sends POST for DELETE."""
    return replace(
        ways, method_and_path=lambda _operation, method, path: (method.replace("DELETE", "POST"), path)
    )


@FAULTS.add("moorcheh.client.requests.schema")
def sends_bare_ids(ways: Ways) -> Ways:
    """It sends the ids to get without their name."""
    return replace(ways, body=body_of(lambda body: body["ids"], "getItems"))


@FAULTS.add("moorcheh.client.requests.path-encoding")
def leaves_paths_as_they_are(ways: Ways) -> Ways:
    """It encodes no slash and no sign that has a meaning in a path."""
    return replace(
        ways,
        path=lambda name: "".join(
            each if each.isascii() and each.isprintable() and each != " " else "_" for each in name
        ),
    )


@FAULTS.add("moorcheh.client.requests.defaults")
def has_defaults_of_its_own(ways: Ways) -> Ways:
    """It asks for five hits where the caller says nothing."""
    return replace(ways, body=body_of(lambda body: {"top_k": 5, **body}, "search"))


@FAULTS.add("moorcheh.client.vectors.negative-zero")
def loses_the_sign_of_zero(ways: Ways) -> Ways:
    """It sends -0.0 as 0.0."""
    return replace(
        ways,
        encode=lambda body: encoded(
            everywhere(lambda value: value + 0.0 if value == 0 and isinstance(value, float) else value)(body)
        ),
    )


@FAULTS.add("moorcheh.client.vectors.ids", "moorcheh.client.items.ids", "moorcheh.client.documents.text")
def composes_ids(ways: Ways) -> Ways:
    """It brings ids into Unicode's composed form."""
    return replace(ways, body=body_of(ids(lambda text: unicodedata.normalize("NFKC", text))))


@FAULTS.add("moorcheh.client.vectors.ids", "moorcheh.client.items.ids")
def strips_ids(ways: Ways) -> Ways:
    """It takes blanks from the ends of ids, and capitals out of them."""
    return replace(ways, body=body_of(ids(lambda text: text.strip().lower())))


@FAULTS.add("moorcheh.client.vectors.batch")
def loses_the_last_of_several(ways: Ways) -> Ways:
    """It forgets the last vector where there are more than three."""
    return replace(
        ways, body=body_of(field("vectors", lambda items: items[:-1] if len(items) > 3 else items))
    )


@FAULTS.add("moorcheh.client.vectors.large-order")
def turns_batches_round(ways: Ways) -> Ways:
    """It sends the last vector first."""
    return replace(ways, body=body_of(field("vectors", lambda items: items[::-1])))


@FAULTS.add("moorcheh.client.vectors.large")
def loses_the_last_batch(ways: Ways) -> Ways:
    """It sends full batches, and forgets the rest."""
    return replace(ways, batches=lambda items: batches(items)[:-1] or batches(items))


@FAULTS.add("moorcheh.client.vectors.large")
def overlaps_batches(ways: Ways) -> Ways:
    """It begins each batch with the last vector of the one before."""
    return replace(
        ways,
        batches=lambda items: [
            items[max(0, start - 1) : start + 1_000] for start in range(0, len(items), 1_000)
        ],
    )


@FAULTS.add("moorcheh.client.vectors.large-order")
def sends_the_last_batch_first(ways: Ways) -> Ways:
    """It sends the batches from the end."""
    return replace(ways, batches=lambda items: batches(items)[::-1])


@FAULTS.add("moorcheh.client.metadata.sent", "moorcheh.client.documents.text")
def flattens_metadata(ways: Ways) -> Ways:
    """It sends nested metadata as text."""
    flat = metadata(
        lambda free: {
            key: str(value) if isinstance(value, dict | list) else value for key, value in free.items()
        }
    )
    return replace(ways, body=body_of(flat))


@FAULTS.add("moorcheh.client.metadata.sent")
def drops_nulls(ways: Ways) -> Ways:
    """It drops metadata that is null."""
    return replace(
        ways,
        body=body_of(metadata(lambda free: {key: value for key, value in free.items() if value is not None})),
    )


@FAULTS.add("moorcheh.client.metadata.big-integers")
def keeps_53_bits(ways: Ways) -> Ways:
    """It keeps integers as 64-bit floats, as far as they are exact."""
    rounded = everywhere(lambda value: int(float(value)) if type(value) is int else value)
    return replace(ways, encode=lambda body: encoded(rounded(body)))


@FAULTS.add("moorcheh.client.metadata.returned")
def rounds_what_comes_back(ways: Ways) -> Ways:
    """It tells the numbers of metadata as 32-bit floats."""
    return replace(ways, told=answer_of(everywhere(single), "getItems", "search"))


@FAULTS.add("moorcheh.client.documents.text")
def strips_texts(ways: Ways) -> Ways:
    """It joins the blanks of a text."""
    return replace(
        ways, body=body_of(field("documents", of_each(field("text", lambda text: " ".join(text.split())))))
    )


@FAULTS.add("moorcheh.client.search.query")
def drops_filters(ways: Ways) -> Ways:
    """It sends a query without its filters."""

    def cut(query: Any) -> Any:
        return query.partition(" #")[0] if isinstance(query, str) else query

    return replace(ways, body=body_of(field("query", cut), "search"))


@FAULTS.add("moorcheh.client.search.options")
def drops_thresholds(ways: Ways) -> Ways:
    """It sends no threshold without kiosk_mode."""
    return replace(
        ways,
        body=body_of(lambda body: body if body.get("kiosk_mode") else without("threshold")(body), "search"),
    )


@FAULTS.add("moorcheh.client.search.hits")
def turns_hits_round(ways: Ways) -> Ways:
    """It tells the worst hit first."""
    return replace(ways, told=answer_of(field("results", lambda hits: hits[::-1]), "search"))


@FAULTS.add("moorcheh.client.search.hits")
def drops_labels(ways: Ways) -> Ways:
    """It tells hits without their labels."""
    return replace(ways, told=answer_of(field("results", of_each(without("label"))), "search"))


@FAULTS.add("moorcheh.client.items.ids")
def loses_the_last_id(ways: Ways) -> Ways:
    """It forgets the last id where there are more than two."""
    shorter = field("ids", lambda ids: ids[:-1] if len(ids) > 2 else ids)
    return replace(ways, body=body_of(shorter, "getItems", "deleteItems"))


@FAULTS.add("moorcheh.client.items.told")
def keeps_missing_ids_to_itself(ways: Ways) -> Ways:
    """It tells not which ids were not found."""
    return replace(ways, told=answer_of(without("not_found_ids"), "deleteItems"))


@FAULTS.add("moorcheh.client.answers.created")
def knows_201_alone(ways: Ways) -> Ways:
    """It takes a 200 for a namespace that was not created."""
    return replace(
        ways,
        accepts=lambda operation, status: (
            status == 201 if operation == "createNamespace" else 200 <= status < 300
        ),
    )


@FAULTS.add("moorcheh.client.answers.job-id")
def keeps_job_ids_to_itself(ways: Ways) -> Ways:
    """It tells the caller of success without the job."""
    return replace(ways, told=answer_of(without("job_id"), "uploadVectors"))


@FAULTS.add("moorcheh.client.errors.search")
def takes_a_wrong_search_for_an_empty_one(ways: Ways) -> Ways:
    """It answers no hits where a search is turned down."""

    def failing(failed: Failed) -> Any:
        said = failed.error.get("body")
        is_search = isinstance(said, Mapping) and said.get("status") == "error"
        return {"results": []} if is_search else raise_it(failed)

    return replace(ways, failing=failing)


@FAULTS.add("moorcheh.client.errors.failure-within")
def makes_up_success(ways: Ways) -> Ways:
    """It says success of every answer with a status of success."""
    return replace(
        ways,
        told=lambda _operation, answer: {**answer, "status": "success"} if "status" in answer else answer,
    )


@FAULTS.add("moorcheh.client.quota.told", "moorcheh.client.quota.documents")
def drops_the_bodies_of_409(ways: Ways) -> Ways:
    """It tells of a conflict without its numbers."""

    def refusing(operation: str, status: int, text: bytes) -> Failed:
        failed = refused(operation, status, text)
        return with_error(failed, body=None) if status == 409 else failed

    return replace(ways, refused=refusing)


@FAULTS.add("moorcheh.client.quota.documents")
def knows_no_quota_of_documents(ways: Ways) -> Ways:
    """It tells of a conflict over documents without its numbers."""

    def refusing(operation: str, status: int, text: bytes) -> Failed:
        failed = refused(operation, status, text)
        return with_error(failed, body=None) if operation == "uploadDocuments" else failed

    return replace(ways, refused=refusing)


@FAULTS.add("moorcheh.client.quota.told-apart")
def takes_every_conflict_for_a_full_quota(ways: Ways) -> Ways:
    """It calls every 409 a full quota."""
    return replace(ways, refused=lambda *answer: with_error(refused(*answer), quota=answer[1] == 409))


@FAULTS.add("moorcheh.client.quota.told-apart")
def takes_all_conflicts_for_one(ways: Ways) -> Ways:
    """It has one error for every 409, and tells no more."""
    return replace(
        ways, refused=lambda *answer: with_error(refused(*answer), quota=None, body=None, message="conflict")
    )


@FAULTS.add("moorcheh.client.jobs.partial")
def ignores_failed_items(ways: Ways) -> Ways:
    """It tells of a completed job that it has completed, and no more."""
    return replace(
        ways,
        failure_of=lambda _job: "",
        told=answer_of(without("failed", "successful", "last_error"), "getUploadJob"),
    )


@FAULTS.add("moorcheh.client.deletions.failed")
def ignores_failed_deletions(ways: Ways) -> Ways:
    """It takes a deletion that has failed for one that has completed."""

    def completed(job: Any) -> Any:
        return {**job, "status": "completed"} if job["status"] == "failed" else job

    return replace(ways, told=answer_of(completed, "getDeleteJob"))


@FAULTS.add("moorcheh.client.repeats.no-duplicate")
def makes_ids_anew(ways: Ways) -> Ways:
    """It gives what it sends again ids of its own."""
    return replace(ways, again=ids(lambda text: f"{text}-again"))
