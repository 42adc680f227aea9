"""The health of the instance."""

from mock_server.moorcheh.embedding import embed
from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve


def test_it_counts_text_and_vector_items_together(serve: Serve) -> None:
    client = serve(jobs="instant", max_items=10)
    client.create()
    client.create("notes", None)
    client.upload("ab")
    client.post("/namespaces/notes/documents", {"documents": [{"id": "n", "text": "Hello"}]})
    body = client.get("/health").body
    assert (body["status"], body["items"], body["max_items"], body["remaining"]) == ("ok", 3, 10, 7)


def test_it_names_its_providers(client: Client) -> None:
    body = client.get("/health").body
    names = ("embedding_provider", "model", "llm_provider", "llm_model")
    assert all(isinstance(body[name], str) and body[name] for name in names)


def test_an_embedder_of_ones_own_is_the_model(serve: Serve) -> None:
    assert serve().get("/health").body["model"] == "hashed-ngrams"
    assert serve(embedder=embed).get("/health").body["model"] == "mock_server.moorcheh.embedding:embed"
