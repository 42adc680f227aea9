"""State machines: random sequences of calls in several sub-tenants and tenants, compared with a model."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from conformance.check import explores
from conformance.cortex.basis import DIMENSION, Documents, Matrices, Tenants, documents, float32, matrices
from conformance.cortex.driver import Cortex
from conformance.cortex.payload import chunk, matrix, positive_vector
from conformance.exchange import Exchange
from conformance.expectation import require
from conformance.verdict import Broken, broken

FILES = ("f", "f_1", "g")
places = st.integers(0, 2)
files = st.sampled_from(FILES)
sizes = st.integers(1, 6)
chunk_names = st.lists(st.sampled_from([f"c{n}" for n in range(8)]), min_size=1, max_size=4, unique=True)


class Files(RuleBasedStateMachine):
    """Uploads, overwrites, updates, deletes, retrieves, searches and counts files of two tenants.

    The model of a place is a dict from chunk id to vector.
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

    @rule(at=places, file=files, size=sizes)
    def upload(self, at: int, file: str, size: int) -> None:
        """Uploads a new file or overwrites an old one."""
        self.seed += 1
        rows = matrix(size, DIMENSION, self.seed)
        exchange = self.places[at].upload(rows, file_id=file)
        if exchange.status != 200:
            raise broken("200", exchange.outcome(), exchange, clause="cortex.matrix.accepted")
        self.places[at].await_indexed(exchange)
        model = self.models[at]
        for old in [each for each in model if each.rpartition("_")[0] == file]:
            del model[old]
        model.update({f"{file}_{n}": float32(row) for n, row in enumerate(rows)})

    @rule(at=places, file=files, which=st.integers(0, 5))
    def update(self, at: int, file: str, which: int) -> None:
        """Updates one row of a file that is there."""
        known = [each for each in self.models[at] if each.rpartition("_")[0] == file]
        if known:
            self.seed += 1
            vector = positive_vector(self.seed, DIMENSION)
            chunk_id = known[which % len(known)]
            place = self.places[at]
            exchange = self.server.update(place.tenant, place.sub_tenant, {chunk_id: vector})
            if exchange.status != 200:
                raise broken("200", exchange.outcome(), exchange, clause="cortex.update.replaces")
            self.models[at][chunk_id] = float32(vector)
            self.server.wait_until(lambda: place.rows([chunk_id]).get(chunk_id) == float32(vector))

    @rule(at=places, file=files, which=sizes)
    def delete(self, at: int, file: str, which: int) -> None:
        """Deletes a row that may be there."""
        chunk_id = f"{file}_{which}"
        exchange = self.server.delete({"chunk_ids": [chunk_id], **self.places[at].ids})
        known = self.models[at].pop(chunk_id, None) is not None
        if exchange.body.get("total_deleted") != int(known):
            expected = f"total_deleted = {int(known)}"
            raise broken(expected, exchange.outcome(), exchange, clause="cortex.delete.truthful")

    @rule(at=places)
    def retrieve(self, at: int) -> None:
        """Retrieves all that may be there."""
        ids = [f"{file}_{n}" for file in FILES for n in range(7)]
        exchange = self.places[at].retrieve(ids)
        require(exchange.succeeded, f"retrieve_by_ids does not answer: {exchange.outcome()}")
        found: Any = exchange.body.get("embeddings") or {}
        self._compare(at, exchange, {each: float32(vector) for each, vector in found.items()})

    @rule(at=places)
    def search(self, at: int) -> None:
        """Searches for all that is there."""
        exchange = self.places[at].search([0.5] * DIMENSION, max_chunks=200)
        hits = set(exchange.body.get("chunk_ids") or [])
        if hits - set(self.models[at]):
            raise self._stranger(at, exchange, hits - set(self.models[at]))
        if set(self.models[at]) - hits:
            expected, got = f"hits {sorted(self.models[at])}", f"hits {sorted(hits)}"
            raise broken(expected, got, exchange, clause="cortex.processing.searchable")

    @rule(at=places)
    def count(self, at: int) -> None:
        """Counts what is there."""
        place = self.places[at]
        exchange = self.server.stats(place.tenant, place.sub_tenant)
        if exchange.body.get("object_count") != len(self.models[at]):
            expected = f"object_count = {len(self.models[at])}"
            raise broken(expected, exchange.outcome(), exchange, clause="cortex.stats.count")

    def _compare(self, at: int, exchange: Exchange, found: dict[str, list[float]]) -> None:
        model = self.models[at]
        if set(found) - set(model):
            raise self._stranger(at, exchange, set(found) - set(model))
        if found != model:
            clause = "cortex.processing.searchable" if set(model) - set(found) else "cortex.retrieve.vectors"
            raise broken(f"{model}", f"{found}", exchange, clause=clause)

    def _stranger(self, at: int, exchange: Exchange, ids: set[str]) -> Broken:
        """The fault of rows that are not there: a neighbour's, or those of a file overwritten or deleted."""
        neighbours = [n for n, model in enumerate(self.models) if n != at and ids & set(model)]
        if not neighbours:
            clause = "cortex.matrix.overwrite"
        else:
            clause = "cortex.tenants.isolated" if 2 in (at, neighbours[0]) else "cortex.subtenants.isolated"
        return broken(f"rows {sorted(self.models[at])}", f"also {sorted(ids)}", exchange, clause=clause)


class Chunks(RuleBasedStateMachine):
    """Inserts, upserts, removes and asks for the chunks of two sources."""

    server: Cortex

    @initialize()
    def settle(self) -> None:
        """Takes an empty sub-tenant."""
        self.seed = 0
        self.place: Documents = documents(self.server)
        self.model: dict[str, list[float]] = {}

    @rule(names=chunk_names, source=st.sampled_from(("s", "t")))
    def upsert(self, names: list[str], source: str) -> None:
        """Inserts new chunks and updates known ones."""
        self.seed += 1
        vectors = {f"{source}-{name}": positive_vector(self.seed, DIMENSION) for name in names}
        chunks = [chunk(each, vector) for each, vector in vectors.items()]
        exchange = self.place.insert([{"source_id": source, "embeddings": chunks}], upsert=True)
        if exchange.status != 200:
            raise broken("200", exchange.outcome(), exchange, clause="cortex.documents.upsert")
        self.model |= {each: float32(vector) for each, vector in vectors.items()}
        self.server.wait_until(lambda: self._chunks() == self.model)

    @rule(names=chunk_names, source=st.sampled_from(("s", "t")))
    def remove(self, names: list[str], source: str) -> None:
        """Removes chunks that may be there."""
        ids = [f"{source}-{name}" for name in names]
        exchange = self.server.remove(**self.place.ids, chunk_ids=ids)
        known = sum(self.model.pop(each, None) is not None for each in ids)
        if exchange.body.get("delete_count") != known:
            expected = f"delete_count = {known}"
            raise broken(expected, exchange.outcome(), exchange, clause="cortex.remove.by-ids")

    @rule(source=st.sampled_from(("s", "t")))
    def remove_source(self, source: str) -> None:
        """Removes a source that may be there."""
        exchange = self.server.remove(**self.place.ids, source_id=source)
        known = [each for each in self.model if each.startswith(f"{source}-")]
        for each in known:
            del self.model[each]
        if exchange.body.get("delete_count") != len(known):
            expected = f"delete_count = {len(known)}"
            raise broken(expected, exchange.outcome(), exchange, clause="cortex.remove.by-source")

    @rule()
    def compare(self) -> None:
        """Asks for all that may be there."""
        found = self._chunks()
        if found != self.model:
            body = {**self.place.ids, "chunk_ids": sorted({*found, *self.model}) or ["s-c0"]}
            exchange = self.server.filter(body)
            raise broken(f"{self.model}", f"{found}", exchange, clause="cortex.documents.upsert")

    def _chunks(self) -> dict[str, list[float]]:
        ids = [f"{source}-c{n}" for source in "st" for n in range(8)]
        return {each: float32(vector) for each, vector in self.place.chunks(ids).items()}


@explores(
    "cortex.matrix.accepted",
    "cortex.matrix.overwrite",
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


@explores("cortex.documents.upsert", "cortex.remove.by-ids", "cortex.remove.by-source")
def a_history_of_chunks_matches_the_model(server: Cortex) -> type[RuleBasedStateMachine]:
    """Any sequence of valid calls in the documents form."""
    return type("Chunks", (Chunks,), {"server": server})


def _second_tenant(server: Cortex) -> str:
    return server.memo(Tenants).fresh("matrix")
