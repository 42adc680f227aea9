"""The witness of Moorcheh: judges a world's exchanges one by one, in the light of those before."""

from collections.abc import Iterator, Sequence

from mock_server.contract import contract
from mock_server.description import Described
from mock_server.moorcheh.witness import requests, valid
from mock_server.moorcheh.witness.asked import UPLOADS, Asked, read
from mock_server.moorcheh.witness.contents import content_breaches
from mock_server.moorcheh.witness.jobs import Jobs
from mock_server.moorcheh.witness.memory import REFUSALS, Known, Namespaces
from mock_server.moorcheh.witness.quota import Quota
from mock_server.moorcheh.witness.relations import relation_breaches
from mock_server.moorcheh.witness.shapes import ENVELOPE, SERVICE, shape_breaches
from mock_server.service import Call
from mock_server.witness import Breach, Fault, Passage, answers_to_faults, is_documented_refusal

MOST_UNDER_WAY = 256  # requests whose reading is kept until their answers come


class MoorchehWitness:
    """Judges one world's exchanges with a Moorcheh server.

    `alone` says that nobody else changes the server, so that what was seen still holds.
    """

    def __init__(self, alone: bool = True) -> None:
        self._alone = alone
        self._namespaces = Namespaces()
        self._jobs = Jobs()
        self._quota = Quota()
        self._under_way: dict[int, Asked] = {}

    def sent(self, operation: str, call: Call, moment: int) -> None:
        """Takes note of a request that is about to reach the server whole."""
        asked = read(operation, call)
        while len(self._under_way) >= MOST_UNDER_WAY:
            del self._under_way[next(iter(self._under_way))]
        self._under_way[moment] = asked
        if self._alone:
            self._namespaces.sent(asked, moment)
            self._quota.sent(asked, moment)

    def judge(self, passage: Passage, described: Described) -> Sequence[Breach]:
        """Says what an exchange breaks, and remembers what it tells."""
        asked = self._under_way.pop(passage.began, None) or read(passage.operation, passage.call)
        faults = requests.faults_of(asked, self._namespaces, passage)
        shapes = [*shape_breaches(described, passage)]
        named = [fault for fault in faults if fault.clause]
        sound = passage.succeeded and not shapes
        clauses = contract(SERVICE)
        documented = is_documented_refusal(faults, clauses)
        breaches = [
            *(Breach("client", fault.clause, fault.detail) for fault in named),
            *(breach for breach in shapes if breach.clause != ENVELOPE or documented),
            *answers_to_faults(passage, faults, clauses),
        ]
        if sound and not faults:
            breaches += relation_breaches(asked, passage)
        breaches += self._beside_earlier(asked, passage, faults, sound)
        self._remember(asked, passage, sound)
        return breaches

    def _beside_earlier(
        self, asked: Asked, passage: Passage, faults: Sequence[Fault], sound: bool
    ) -> Iterator[Breach]:
        """Says what an answer breaks by what was seen before it."""
        known = self._namespaces.find(asked.namespace, passage)
        if not faults and passage.status in REFUSALS:
            clause = valid.clause_of(asked, self._namespaces, passage)
            if clause:
                yield Breach("server", clause, f"a valid request is refused with {passage.status}")
        if not faults:
            new = None if known is None else _new_ids(asked, known, passage)
            for clause, detail in self._quota.judge(asked, passage, new):
                yield Breach("server", f"moorcheh.{clause}", detail)
        for clause, detail in self._of_jobs(asked, passage, sound):
            yield Breach("server", f"moorcheh.{clause}", detail)
        if sound and not faults:
            for clause, detail in content_breaches(asked, self._namespaces, known, passage):
                yield Breach("server", f"moorcheh.{clause}", detail)

    def _of_jobs(self, asked: Asked, passage: Passage, sound: bool) -> Iterator[tuple[str, str]]:
        if asked.operation in UPLOADS and sound:
            yield from self._jobs.accepted(asked, passage)
        elif asked.operation == "getUploadJob" and sound:
            yield from self._jobs.polled(asked, passage)
        elif passage.status == 404 and self._alone:
            yield from self._of_missing_jobs(asked, passage)

    def _of_missing_jobs(self, asked: Asked, passage: Passage) -> Iterator[tuple[str, str]]:
        job_id = asked.call.parameters.get("job_id", "")
        if asked.operation == "getUploadJob" and self._namespaces.find(asked.namespace, passage) is not None:
            yield from self._jobs.missing(asked, passage)
        elif asked.operation == "getDeleteJob" and self._jobs.deletion_runs(asked.namespace, job_id):
            yield "namespaces.delete-job-remains", "the job of a deletion that runs is not found"

    def _remember(self, asked: Asked, passage: Passage, sound: bool) -> None:
        if not self._alone:
            return
        name, operation = asked.namespace, asked.operation
        self._quota.answered(asked, passage)
        if operation == "createNamespace":
            self._namespaces.created(asked, passage)
        elif operation == "deleteNamespace":
            self._namespaces.deleted(asked, passage)
            if sound:
                self._jobs.deleting(name, passage.body["job_id"])
        elif operation == "listNamespaces" and sound:
            for entry in passage.body["namespaces"]:
                self._namespaces.listed(
                    entry["namespace_name"], entry["type"], entry["vector_dimension"], passage
                )
        elif operation in (*UPLOADS, "deleteItems") and passage.status in REFUSALS:
            self._namespaces.refused(name, passage.began)
        elif operation == "deleteItems" and sound:
            self._namespaces.settled(name, passage.began, passage.ended, stored=False)
        elif operation == "getUploadJob" and sound:
            self._upload_polled(asked, passage)
        elif operation == "getDeleteJob" and sound:
            self._deletion_polled(asked, passage)
        elif operation == "getFileJob" and sound and passage.body["status"] != "running":
            self._quota.finished(passage.body["job_id"], passage)

    def _upload_polled(self, asked: Asked, passage: Passage) -> None:
        job_id, body = asked.call.parameters["job_id"], passage.body
        job = self._jobs.find(job_id)
        if body["status"] == "completed" and job is not None:
            sure = body["failed"] == 0 and body["successful"] == job.total
            self._namespaces.settled(job.namespace, job.began, passage.ended, stored=True, sure=sure)
            self._quota.finished(job_id, passage)

    def _deletion_polled(self, asked: Asked, passage: Passage) -> None:
        job_id, name = asked.call.parameters["job_id"], asked.namespace
        completed = passage.body["status"] == "completed"
        self._jobs.deletion_polled(name, job_id, completed)
        if completed:
            self._namespaces.gone(name, job_id, passage)
            self._quota.finished(job_id, passage)


def _new_ids(asked: Asked, known: Known, passage: Passage) -> Sequence[str] | None:
    """Lists the ids of an upload that are not stored; None if that is not certain of all."""
    if asked.operation not in UPLOADS:
        return None
    new: list[str] = []
    for item_id in dict.fromkeys(asked.ids):
        item = known.item(item_id, passage)
        if item is None:
            return None
        if not item.stored:
            new.append(item_id)
    return new
