"""An application that answers from its own texts, as retrieval chains are built on the official client."""

from collections.abc import Sequence
from typing import Any

import pytest
from moorcheh import MoorchehClient

from tests.official_client.calling import SOON, follow

NOTES = {
    "turtle": "Turtles carry their house with them. They live for a hundred years.",
    "swift": "Swifts sleep in the air. They land only to nest.",
    "beaver": "Beavers build dams of wood. Their teeth never stop growing.",
}


class Store:
    """What a chain needs of a vector store: texts in, the most similar texts out."""

    def __init__(self, client: MoorchehClient, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        client.namespaces.create(namespace, type="text")

    def add_texts(
        self, texts: Sequence[str], metadatas: Sequence[dict[str, Any]], ids: Sequence[str]
    ) -> None:
        """Uploads texts and waits until they are found."""
        documents = [
            {"id": each, "text": text, **metadata}
            for each, text, metadata in zip(ids, texts, metadatas, strict=True)
        ]
        job_id = self._client.documents.upload(self._namespace, documents=documents)["job_id"]
        job = follow(lambda: self._client.documents.upload_job_status(self._namespace, job_id))[-1]
        assert job["failed"] == 0

    def similarity_search(self, query: str, k: int = 2) -> list[tuple[str, float]]:
        """The ids and scores of the most similar texts."""
        found = self._client.similarity_search.query(namespaces=[self._namespace], query=query, top_k=k)
        return [(hit["id"], hit["score"]) for hit in found["results"]]

    def answer(self, question: str) -> dict[str, Any]:
        """Answers a question from the texts."""
        return dict(self._client.answer.generate(namespace=self._namespace, query=question, top_k=2))

    def drop(self) -> None:
        """Deletes everything and waits until it is gone."""
        deleted = self._client.namespaces.delete(self._namespace, wait=True, poll_interval=SOON)
        assert deleted["delete_job"]["status"] == "completed"


@pytest.fixture
def store(client: MoorchehClient) -> Store:
    """A store that holds the notes."""
    store = Store(client, "chain")
    store.add_texts([*NOTES.values()], [{"animal": name} for name in NOTES], [*NOTES])
    return store


@pytest.mark.parametrize(
    ("question", "animal"),
    [
        ("Who carries a house?", "turtle"),
        ("Who sleeps in the air?", "swift"),
        ("What are dams made of?", "beaver"),
    ],
)
def test_a_question_finds_its_text_first(store: Store, question: str, animal: str) -> None:
    hits = store.similarity_search(question)
    assert [hits[0][0], len(hits)] == [animal, 2]
    assert hits[0][1] > hits[1][1]


def test_an_answer_is_taken_from_the_texts(store: Store) -> None:
    answer = store.answer("Where do swifts sleep?")
    assert "Swifts sleep in the air." in answer["answer"]
    assert answer["context_count"] == 2


def test_a_text_added_again_is_answered_anew(store: Store) -> None:
    store.add_texts(["Swifts sleep in hammocks."], [{}], ["swift"])
    assert "hammocks" in store.answer("Where do swifts sleep?")["answer"]


def test_a_dropped_store_leaves_nothing(store: Store, client: MoorchehClient) -> None:
    store.drop()
    assert client.health()["items"] == 0
