"""Whatever is done in whatever order, the mock holds what a dictionary would."""

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mock_server import create_app
from tests.mock_server.calling import Client
from tests.mock_server.cortex.calling import KEY, Cortex, document, refusal

vectors = st.lists(st.integers(-4, 4), min_size=2, max_size=2)
files = st.sampled_from(["a", "b", "a_0"])
chunk_ids = st.sampled_from(["a_0", "a_1", "b_0", "a_0_0", "x"])
sub_tenants = st.sampled_from(["demo", "other"])
Model = dict[str, tuple[str, list[int]]]
"""Of each chunk its source and its vector."""


class Machine(RuleBasedStateMachine):
    """Calls beside a model: sub-tenants of chunks, and the uploads that are still to come."""

    @initialize()
    def begin(self) -> None:
        self.cortex = Cortex(Client(create_app(jobs="polls=1")))
        self.cortex.create()
        self.model: dict[str, Model] = {"demo": {}, "other": {}}
        self.pending: dict[tuple[str, str], list[list[int]]] = {}

    @rule(name=sub_tenants, file_id=files, rows=st.lists(vectors, min_size=1, max_size=3))
    def upload(self, name: str, file_id: str, rows: list[list[int]]) -> None:
        known = (name, file_id) in self.pending or self.of_source(name, file_id)
        reply = self.cortex.beside(name).upload(rows, file_id)
        assert ("overwritten" in reply.body["message"]) is bool(known)
        self.pending[name, file_id] = rows

    @rule(name=sub_tenants, file_id=files)
    def ask(self, name: str, file_id: str) -> None:
        rows = self.pending.pop((name, file_id), None)
        reply = self.cortex.beside(name).asks("POST", "/upload/verify_processing", file_id=file_id)
        if rows is not None:
            assert reply.body["indexing_status"] == "completed"
            for chunk_id in self.of_source(name, file_id):
                del self.model[name][chunk_id]
            self.model[name] |= {f"{file_id}_{place}": (file_id, row) for place, row in enumerate(rows)}

    @rule(
        name=sub_tenants,
        source_id=files,
        chunks=st.dictionaries(chunk_ids, vectors, min_size=1),
        upsert=st.booleans(),
    )
    def insert(self, name: str, source_id: str, chunks: Any, upsert: bool) -> None:
        reply = self.cortex.beside(name).insert(document(source_id, **chunks), upsert=upsert)
        if upsert or not chunks.keys() & self.model[name].keys():
            assert reply.body["insert_count"] == len(chunks)
            self.model[name] |= {chunk_id: (source_id, vector) for chunk_id, vector in chunks.items()}
        else:
            assert refusal(reply)[0] == 409

    @rule(name=sub_tenants, chunk_id=chunk_ids, vector=vectors)
    def update(self, name: str, chunk_id: str, vector: list[int]) -> None:
        reply = self.cortex.beside(name).sends(
            "PATCH", "/upload/update_embeddings", {"embeddings": {chunk_id: vector}}
        )
        assert (reply.status == 200) is (chunk_id in self.model[name] and chunk_id != "x")
        if reply.status == 200:
            self.model[name][chunk_id] = (self.model[name][chunk_id][0], vector)

    @rule(name=sub_tenants, ids=st.lists(chunk_ids, min_size=1))
    def delete(self, name: str, ids: list[str]) -> None:
        body = {"tenant_id": "demo", "sub_tenant_id": name, "chunk_ids": ids}
        reply = self.cortex.client.call("DELETE", "/embeddings/delete", body, KEY)
        assert reply.body["status"] == {chunk_id: chunk_id in self.model[name] for chunk_id in ids}
        for chunk_id in ids:
            self.model[name].pop(chunk_id, None)

    @rule(name=sub_tenants, source_id=files)
    def remove(self, name: str, source_id: str) -> None:
        gone = self.of_source(name, source_id)
        reply = self.cortex.beside(name).asks(
            "DELETE", "/embeddings/delete-raw-embeddings", source_id=source_id
        )
        assert reply.body["delete_count"] == len(gone)
        for chunk_id in gone:
            del self.model[name][chunk_id]

    @rule(name=sub_tenants, source_id=files)
    def choose(self, name: str, source_id: str) -> None:
        hits = self.cortex.beside(name).posts("/embeddings/filter-raw-embeddings", source_id=source_id).body
        assert {hit["embedding"]["chunk_id"] for hit in hits} == {*self.of_source(name, source_id)}

    @rule(name=sub_tenants, query=vectors)
    def search(self, name: str, query: list[int]) -> None:
        body = self.cortex.beside(name).posts("/embeddings/search", embeddings=query, max_chunks=200).body
        assert {*body["chunk_ids"]} == {*self.model[name]}
        for chunk_id, score in zip(body["chunk_ids"], body["scores"], strict=True):
            vector = np.array(self.model[name][chunk_id][1])
            lengths = np.linalg.norm(vector) * np.linalg.norm(query)
            cosine = float(vector @ np.array(query) / lengths) if lengths else 0.0
            assert abs(score - max(0.0, cosine)) < 2e-6

    @invariant()
    def the_mock_holds_what_the_model_holds(self) -> None:
        for name, chunks in self.model.items():
            caller = self.cortex.beside(name)
            stored: Any = caller.stored(
                "a_0", "a_1", "a_2", "b_0", "b_1", "b_2", "a_0_0", "a_0_1", "a_0_2", "x"
            )
            assert stored == {chunk_id: vector for chunk_id, (_, vector) in chunks.items()}
            assert caller.count() == len(chunks)

    def of_source(self, name: str, source_id: str) -> list[str]:
        """Lists the chunks that the model has of a source."""
        return [chunk_id for chunk_id, (source, _) in self.model[name].items() if source == source_id]


TestStore = Machine.TestCase
TestStore.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
