"""The witness of Cortex: judges a world's exchanges one by one, in the light of those before."""

from collections.abc import Iterator, Sequence

from mock_server.contract import contract
from mock_server.cortex.witness import requests
from mock_server.cortex.witness.asked import Asked, read
from mock_server.cortex.witness.relations import relation_breaches
from mock_server.cortex.witness.shapes import ENVELOPE, SERVICE, shape_breaches
from mock_server.cortex.witness.tenants import DONE, MOST_POLLS, RANKS, Tenants, digest_of
from mock_server.description import Described
from mock_server.service import Call
from mock_server.witness import Breach, Passage, answers_to_faults, is_documented_refusal

MOST_UNDER_WAY = 256  # requests whose reading is kept until their answers come


class CortexWitness:
    """Judges one world's exchanges with a Cortex server.

    `alone` says that nobody else changes the server, so that what was seen still holds.
    """

    def __init__(self, alone: bool = True) -> None:
        self._alone = alone
        self._tenants = Tenants()
        self._under_way: dict[int, Asked] = {}

    def sent(self, operation: str, call: Call, moment: int) -> None:
        """Takes note of a request that is about to reach the server whole."""
        asked = read(operation, call)
        while len(self._under_way) >= MOST_UNDER_WAY:
            del self._under_way[next(iter(self._under_way))]
        self._under_way[moment] = asked
        if self._alone:
            self._tenants.sent(asked, moment)

    def judge(self, passage: Passage, described: Described) -> Sequence[Breach]:
        """Says what an exchange breaks, and remembers what it tells."""
        asked = self._under_way.pop(passage.began, None) or read(passage.operation, passage.call)
        faults = requests.faults_of(asked, self._tenants, passage)
        shapes = [*shape_breaches(described, passage, asked.form)]
        sound = passage.succeeded and not shapes
        clauses = contract(SERVICE)
        documented = is_documented_refusal(faults, clauses)
        breaches = [
            *(Breach("client", fault.clause, fault.detail) for fault in faults if fault.clause),
            *(breach for breach in shapes if breach.clause != ENVELOPE or documented),
            *answers_to_faults(passage, faults, clauses),
        ]
        if sound and not faults:
            breaches += relation_breaches(asked, passage)
            breaches += [
                Breach("server", f"cortex.{clause}", detail)
                for clause, detail in self._beside_earlier(asked, passage)
            ]
        if self._alone:
            self._tenants.answered(asked, passage, sound)
        return breaches

    def _beside_earlier(self, asked: Asked, passage: Passage) -> Iterator[tuple[str, str]]:
        """Says what an answer breaks by what was seen before it."""
        if asked.operation in ("verifyUpload", "verifyProcessing"):
            yield from self._polled(asked, passage)
        elif asked.operation == "retrieveEmbeddings":
            yield from self._retrieved(asked, passage)
        elif asked.form == "matrix" and not asked.file_id:
            file_id = passage.body["file_id"]
            if self._tenants.is_known_file(asked.scope, file_id):
                yield "matrix.file-id-generated", f"file_id {file_id!r} is that of an earlier upload"

    def _polled(self, asked: Asked, passage: Passage) -> Iterator[tuple[str, str]]:
        statuses = passage.body.get("statuses", [passage.body])
        for entry in statuses:
            record = self._tenants.record(asked.scope, entry["file_id"], passage)
            if record is None:
                continue
            state = entry["indexing_status"]
            for ended, before in record.polls:
                if ended < passage.began and RANKS[state] < RANKS[before]:
                    yield "processing.order", f"{state} after {before}"
            record.polls = [*record.polls[-MOST_POLLS:], (passage.ended, state)]
            if state in DONE and record.stored is None:
                record.stored = passage.ended

    def _retrieved(self, asked: Asked, passage: Passage) -> Iterator[tuple[str, str]]:
        stored = self._tenants.rows(asked.scope, passage)
        found = passage.body["embeddings"]
        for chunk_id in asked.chunk_ids:
            if chunk_id in stored and chunk_id not in found:
                yield "processing.searchable", f"row {chunk_id!r} of a completed upload is not found"
            elif chunk_id in stored and digest_of(found[chunk_id]) != stored[chunk_id]:
                yield "retrieve.vectors", f"the vector of {chunk_id!r} is not what was sent"
