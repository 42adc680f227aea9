"""What traffic tells of a server's tenants, and of the rows in them.

Only what is certain is kept: whatever may change a place, from the moment it is sent, makes what was known
of the place forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np

from mock_server.cortex.bodies import Matrix
from mock_server.cortex.witness.asked import Asked, Scope
from mock_server.witness import Passage

ANSWERED = (200, 400, 401, 404, 409, 422)
CREATIONS = ("createTenant", "createEmbeddingsTenant")
MOST_ROWS = 200_000  # remembered of one place
MOST_POLLS = 100
RANKS = {"queued": 0, "processing": 1, "completed": 2, "success": 2, "errored": 2}
DONE = ("completed", "success")


@dataclass(slots=True)
class Record:
    """An accepted upload: the moment of its answer, the digests of its rows by chunk id, what polls saw.

    `stored` is the moment at which it was seen completed.
    """

    accepted: int
    rows: Mapping[str, bytes]
    polls: list[tuple[int, str]] = field(default_factory=list)
    stored: int | None = None


class Tenants:
    """The tenants that are known to exist, those known not to, and the files in them."""

    def __init__(self) -> None:
        self._dimensions: dict[str, tuple[int, int]] = {}
        self._absent: dict[str, int] = {}
        self._doubts: dict[str, set[int]] = {}
        self._records: dict[Scope, dict[str, Record]] = {}
        self._uploading: dict[tuple[Scope, str], set[int]] = {}
        self._wiped: dict[str, int] = {}
        self._file_ids: set[tuple[Scope, str]] = set()

    def sent(self, asked: Asked, moment: int) -> None:
        """Takes note of a request under way."""
        tenant = asked.tenant
        if asked.operation in (*CREATIONS, "deleteTenant"):
            self._doubts.setdefault(tenant, set()).add(moment)
        if asked.operation in ("uploadEmbeddings", "insertRawEmbeddings") and asked.form == "matrix":
            key = asked.scope, asked.file_id
            self._uploading.setdefault(key, set()).add(moment)
            for records in self._of_tenant(tenant):
                records.pop(asked.file_id, None)
        elif asked.operation in CHANGES:
            self._wiped[tenant] = moment
            for records in self._of_tenant(tenant):
                records.clear()

    def answered(self, asked: Asked, passage: Passage, sound: bool) -> None:
        """Takes note of an answer."""
        tenant = asked.tenant
        if asked.operation in (*CREATIONS, "deleteTenant"):
            self._settle_tenant(asked, passage)
        elif asked.operation in ("uploadEmbeddings", "insertRawEmbeddings") and asked.form == "matrix":
            self._settle_upload(asked, passage, sound)
        elif asked.operation in CHANGES and passage.status in ANSWERED:
            self._wiped[tenant] = passage.ended

    def dimension(self, tenant: str, passage: Passage) -> int | None:
        """Answers the dimension that a tenant certainly had all the time of an exchange."""
        dimension, since = self._dimensions.get(tenant, (None, 0))
        return dimension if since <= passage.began and not self._doubted(tenant, passage) else None

    def is_absent(self, tenant: str, passage: Passage) -> bool:
        """Tells whether a tenant certainly did not exist all the time of an exchange."""
        since = self._absent.get(tenant)
        return since is not None and since <= passage.began and not self._doubted(tenant, passage)

    def record(self, scope: Scope, file_id: str, passage: Passage) -> Record | None:
        """Answers the upload that is certainly the last of a file, and was accepted before an exchange."""
        record = self._records.get(scope, {}).get(file_id)
        return record if record is not None and record.accepted <= passage.began else None

    def rows(self, scope: Scope, passage: Passage) -> Mapping[str, bytes]:
        """Answers the digests of the rows that were certainly stored all the time of an exchange."""
        return {
            chunk_id: digest
            for record in self._records.get(scope, {}).values()
            if record.stored is not None and record.stored <= passage.began
            for chunk_id, digest in record.rows.items()
        }

    def is_known_file(self, scope: Scope, file_id: str) -> bool:
        """Tells whether an upload was ever answered with a file id."""
        return (scope, file_id) in self._file_ids

    def _settle_tenant(self, asked: Asked, passage: Passage) -> None:
        tenant, doubted = asked.tenant, self._doubted(asked.tenant, passage)
        if passage.succeeded:
            new = tenant not in self._dimensions
            self._dimensions.pop(tenant, None)
            self._absent.pop(tenant, None)
            dimension = asked.document.get("embeddings_dimension")
            takes_embeddings = asked.document.get("is_embeddings_tenant") is True
            if asked.operation == "deleteTenant" and not doubted:
                self._absent[tenant] = passage.ended
            elif new and not doubted and takes_embeddings and type(dimension) is int:
                self._dimensions[tenant] = dimension, passage.ended
        if passage.status in ANSWERED:
            doubts = self._doubts.get(tenant, set())
            doubts.discard(passage.began)
            if not doubts:
                self._doubts.pop(tenant, None)

    def _settle_upload(self, asked: Asked, passage: Passage, sound: bool) -> None:
        key = asked.scope, asked.file_id
        under_way = self._uploading.get(key, set())
        alone = under_way <= {passage.began}
        if passage.status in ANSWERED:
            under_way.discard(passage.began)
            if not under_way:
                self._uploading.pop(key, None)
        if not sound:
            return
        file_id = str(passage.body.get("file_id"))
        self._file_ids.add((asked.scope, file_id))
        records = self._records.setdefault(asked.scope, {})
        records.pop(file_id, None)
        undisturbed = self._wiped.get(asked.tenant, -1) < passage.began
        if alone and undisturbed and not self._doubts.get(asked.tenant):
            if sum(len(record.rows) for record in records.values()) > MOST_ROWS:
                records.clear()
            records[file_id] = Record(passage.ended, _rows(asked, passage))

    def _of_tenant(self, tenant: str) -> Sequence[dict[str, Record]]:
        return [records for (owner, _), records in self._records.items() if owner == tenant]

    def _doubted(self, tenant: str, passage: Passage) -> bool:
        return bool(self._doubts.get(tenant, set()) - {passage.began})


def digest_of(vector: Any) -> bytes | None:
    """Answers 16 bytes that vectors share which are equal as float32; None if that is not sure."""
    try:
        with np.errstate(over="ignore"):
            block = np.asarray(vector, np.float32) + np.float32(0)
    except (ValueError, TypeError, OverflowError):
        return None
    return blake2b(block.tobytes(), digest_size=16).digest() if np.isfinite(block).all() else None


def _rows(asked: Asked, passage: Passage) -> Mapping[str, bytes]:
    """Digests the rows of an accepted matrix by the ids that their chunks get."""
    if not isinstance(asked.quick, Matrix):
        return {}
    batch = passage.body.get("batch_id", passage.body.get("file_id"))
    digests = map(digest_of, asked.quick.vectors)
    return {f"{batch}_{row}": digest for row, digest in enumerate(digests) if digest is not None}


CHANGES = frozenset(
    ("insertRawEmbeddings", "updateEmbeddings", "deleteEmbeddings", "deleteRawEmbeddings", "deleteTenant")
) | frozenset(("deleteSubTenant", *CREATIONS))
