"""State machines: random sequences of calls in several sub-tenants and tenants, compared with a model."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from conformance.check import explores
from conformance.cortex.basis import (
    DIMENSION,
    Documents,
    Matrices,
    Tenants,
    documents,
    entries_of,
    float32,
    matrices,
)
from conformance.cortex.driver import Cortex
from conformance.cortex.payload import chunk, matrix, positive_vector
from conformance.exchange import Exchange
from conformance.expectation import require, require_success
from conformance.history import rule
from conformance.verdict import broken

FILES = ("f", "f_1", "g")
IDS = [f"{file}_{n}" for file in FILES for n in range(7)]
MANY = 100  # more chunks than a place here ever holds
places = st.integers(0, 2)
files = st.sampled_from(FILES)
sizes = st.integers(1, 6)
SOURCES = ("s", "t")
CHUNKS = tuple(f"c{n}" for n in range(8))
sources = st.sampled_from(SOURCES)
chunk_names = st.lists(st.sampled_from(CHUNKS), min_size=1, max_size=4, unique=True)


class Files(RuleBasedStateMachine):
    """Uploads, overwrites, updates, deletes, retrieves, searches and counts files of two tenants.

    The model of a place is a dict from chunk id to vector. After each change the place is compared with its
    model: what differs then, that change has done; what differs later, a change elsewhere has.
    """

    server: Cortex

    @initialize()
    def settle(self) -> None:
        """Takes two sub-tenants of one tenant and one of another."""
        self.seed = 0
        first = matrices(self.server)
        elsewhere = self.server.memo(_second_tenant)
        other = Matrices(self.server, elsewhere, self.server.new_sub_tenant(elsewhere))
        self.places = [first, first.beside(), other]
        self.models: list[dict[str, list[float]]] = [{}, {}, {}]
        self.gone: list[dict[str, str]] = [{}, {}, {}]
        self.files = {each: each.rpartition("_")[0] for each in IDS}
        self.last = 0
        self.used: set[int] = set()

    @rule(at=places, file=files, size=sizes)
    def upload(self, at: int, file: str, size: int) -> None:
        """Uploads a new file or overwrites an old one."""
        self.seed += 1
        rows = matrix(size, DIMENSION, self.seed)
        exchange = self.places[at].upload(rows, file_id=file)
        if exchange.status != 200:
            raise broken("200", exchange.outcome(), exchange, clause="cortex.matrix.accepted")
        self.used.add(at)
        self.places[at].await_indexed(exchange)
        model, before = self.models[at], dict(self.models[at])
        for old in self._known(at, file):
            del model[old]
            self.gone[at][old] = "cortex.matrix.overwrite"
        ids = self.places[at].ids_of(file, size)
        self.files.update(dict.fromkeys(ids, file))
        model.update({each: float32(row) for each, row in zip(ids, rows, strict=True)})

        def clause_of(chunk_id: str, found: list[float] | None) -> str:
            if self.files[chunk_id] != file:
                return "cortex.matrix.overwrite-only-that-file"
            if found is None:
                return "cortex.processing.searchable"
            is_old = chunk_id not in model or found == before.get(chunk_id)
            return "cortex.matrix.overwrite" if is_old else "cortex.retrieve.vectors"

        self._compare(at, exchange, clause_of)

    @rule(at=places, file=files, which=st.integers(0, 5))
    def update(self, at: int, file: str, which: int) -> None:
        """Updates one row of a file that is there."""
        known = self._known(at, file)
        if known:
            self.seed += 1
            vector = positive_vector(self.seed, DIMENSION)
            chunk_id = known[which % len(known)]
            place = self.places[at]
            exchange = self.server.update(place.tenant, place.sub_tenant, {chunk_id: vector})
            if exchange.status != 200:
                raise broken("200", exchange.outcome(), exchange, clause="cortex.update.replaces")
            self.models[at][chunk_id] = float32(vector)
            self.server.wait_until(
                lambda: float32(place.rows([chunk_id]).get(chunk_id, ())) == float32(vector)
            )
            self._compare(at, exchange, lambda _chunk_id, _found: "cortex.update.replaces")

    @rule(at=places, file=files, which=sizes)
    def delete(self, at: int, file: str, which: int) -> None:
        """Deletes a row that may be there."""
        chunk_id = self.places[at].ids_of(file, which + 1)[which]
        exchange = self.server.delete({"chunk_ids": [chunk_id], **self.places[at].ids})
        if self._is_unknown(at, exchange):
            return
        known = self.models[at].pop(chunk_id, None) is not None
        if known:
            self.gone[at][chunk_id] = "cortex.delete.truthful"
        if exchange.body.get("total_deleted") != int(known):
            expected = f"total_deleted = {int(known)}"
            raise broken(expected, exchange.outcome(), exchange, clause="cortex.delete.truthful")
        self._compare(at, exchange, lambda _chunk_id, _found: "cortex.delete.truthful")

    @rule(at=places)
    def retrieve(self, at: int) -> None:
        """Retrieves all that may be there."""
        exchange = self.places[at].retrieve(list(self.files))
        if self._is_unknown(at, exchange):
            return
        apart = self._apart(at) if at != self.last else "cortex.retrieve.vectors"
        self._compare(at, exchange, lambda _chunk_id, _found: apart)

    @rule(at=places)
    def search(self, at: int) -> None:
        """Searches for all that is there."""
        exchange = self.places[at].search([0.5] * DIMENSION, max_chunks=MANY)
        if self._is_unknown(at, exchange):
            return
        require_success(exchange, "a search is not answered")
        hits = set(exchange.body.get("chunk_ids") or [])
        expected, got = f"hits {sorted(self.models[at])}", f"hits {sorted(hits)}"
        for chunk_id in sorted(hits - set(self.models[at])):
            raise broken(
                expected, got, exchange, clause=self.gone[at].get(chunk_id) or self._apart(at, chunk_id)
            )
        if set(self.models[at]) - hits:
            raise broken(expected, got, exchange, clause="cortex.processing.searchable")

    @rule(at=places)
    def count(self, at: int) -> None:
        """Counts what is there."""
        place = self.places[at]
        exchange = self.server.stats(place.tenant, place.sub_tenant)
        if not self._is_unknown(at, exchange) and exchange.body.get("object_count") != len(self.models[at]):
            expected = f"object_count = {len(self.models[at])}"
            raise broken(expected, exchange.outcome(), exchange, clause="cortex.stats.count")

    def _compare(
        self, at: int, exchange: Exchange, clause_of: Callable[[str, list[float] | None], str]
    ) -> None:
        """Expects a place to hold what its model does; a function names the clause of a row that differs."""
        model = self.models[at]
        found = {each: float32(vector) for each, vector in self.places[at].rows(list(self.files)).items()}
        for each in sorted({*found, *model}):
            if found.get(each) != model.get(each):
                expected, got = f"{each!r}: {model.get(each)}", f"{found.get(each)}"
                raise broken(expected, got, exchange, clause=clause_of(each, found.get(each)))
        self.last = at

    def _is_unknown(self, at: int, exchange: Exchange) -> bool:
        """Whether a sub-tenant into which nothing was ever put is not known to the server: it need not be."""
        return at not in self.used and exchange.status == 404

    def _known(self, at: int, file: str) -> list[str]:
        """The rows of a file that are in a place."""
        return [each for each in self.models[at] if self.files[each] == file]

    def _apart(self, at: int, chunk_id: str = "") -> str:
        """The clause that keeps a place apart from where a row is, or from where something changed last."""
        there = [n for n, model in enumerate(self.models) if n != at and chunk_id in model] or [self.last]
        return "cortex.tenants.isolated" if 2 in (at, there[0]) else "cortex.subtenants.isolated"


class Chunks(RuleBasedStateMachine):
    """Upserts and removes the chunks of two sources.

    After each change the chunks are compared with a model, a dict from chunk id to vector.
    """

    server: Cortex

    @initialize()
    def settle(self) -> None:
        """Takes an empty sub-tenant."""
        self.seed = 0
        self.place: Documents = documents(self.server)
        self.model: dict[str, list[float]] = {}
        self.gone: set[str] = set()

    @rule(names=chunk_names, source=sources)
    def upsert(self, names: list[str], source: str) -> None:
        """Inserts new chunks and updates known ones."""
        self.seed += 1
        vectors = {f"{source}-{name}": positive_vector(self.seed, DIMENSION) for name in names}
        chunks = [chunk(each, vector) for each, vector in vectors.items()]
        exchange = self.place.insert([{"source_id": source, "embeddings": chunks}], upsert=True)
        if not exchange.succeeded:
            raise broken("an acceptance", exchange.outcome(), exchange, clause="cortex.documents.upsert")
        self.model |= {each: float32(vector) for each, vector in vectors.items()}
        self.server.wait_until(lambda: self._chunks() == self.model)
        self._compare(exchange, "cortex.documents.upsert")

    @rule(names=chunk_names, source=sources)
    def remove(self, names: list[str], source: str) -> None:
        """Removes chunks that may be there."""
        ids = [f"{source}-{name}" for name in names]
        exchange = self.server.remove(**self.place.ids, chunk_ids=ids)
        self._take_away(exchange, ids, "cortex.remove.by-ids")

    @rule(source=sources)
    def remove_source(self, source: str) -> None:
        """Removes a source that may be there."""
        exchange = self.server.remove(**self.place.ids, source_id=source)
        ids = [each for each in (*self.model, *self.gone) if each.startswith(f"{source}-")]
        self._take_away(exchange, ids, "cortex.remove.by-source")

    def _take_away(self, exchange: Exchange, ids: list[str], clause: str) -> None:
        """Expects the chunks of the model among these counted and gone."""
        known = {each for each in ids if self.model.pop(each, None) is not None}
        if not known and self.gone & set(ids):
            clause = "cortex.remove.again"
        self.gone |= known
        # How a removal of what was never there is answered is told by its count alone.
        judged = exchange.succeeded or known or clause == "cortex.remove.again"
        if judged and exchange.body.get("delete_count") != len(known):
            raise broken(f"delete_count = {len(known)}", exchange.outcome(), exchange, clause=clause)
        self._compare(exchange, clause)

    def _compare(self, exchange: Exchange, clause: str) -> None:
        """Expects all chunks as in the model, by id; needs them to be the same by source."""
        found = self._chunks()
        if found != self.model:
            by_source = {each for source in SOURCES for each in self._chunks_of(source)}
            require(by_source == set(found), "filter-raw gives other chunks by source than by id")
            raise broken(f"{self.model}", f"{found}", exchange, clause=clause)

    def _chunks(self) -> dict[str, list[float]]:
        ids = [f"{source}-{name}" for source in SOURCES for name in CHUNKS]
        return {each: float32(vector) for each, vector in self.place.chunks(ids).items()}

    def _chunks_of(self, source: str) -> list[str]:
        entries = entries_of(self.server.filter({**self.place.ids, "source_id": source}))
        return [entry["embedding"]["chunk_id"] for entry in entries]


@explores(
    "cortex.matrix.accepted",
    "cortex.matrix.overwrite",
    "cortex.matrix.overwrite-only-that-file",
    "cortex.update.replaces",
    "cortex.delete.truthful",
    "cortex.retrieve.vectors",
    "cortex.processing.searchable",
    "cortex.stats.count",
    "cortex.tenants.isolated",
    "cortex.subtenants.isolated",
)
def a_history_of_files_matches_the_model(server: Cortex) -> type[RuleBasedStateMachine]:
    """Any sequence of valid calls in the matrix form."""
    return type("Files", (Files,), {"server": server})


@explores("cortex.documents.upsert", "cortex.remove.by-ids", "cortex.remove.by-source", "cortex.remove.again")
def a_history_of_chunks_matches_the_model(server: Cortex) -> type[RuleBasedStateMachine]:
    """Any sequence of valid calls in the documents form."""
    return type("Chunks", (Chunks,), {"server": server})


def _second_tenant(server: Cortex) -> str:
    return server.memo(Tenants).fresh("matrix")
