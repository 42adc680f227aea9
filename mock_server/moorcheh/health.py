"""The health of the instance: its providers, its cap, and how full it is."""

from mock_server.moorcheh.store import Store
from mock_server.service import Answer, Call
from mock_server.session import World


def health(world: World, _call: Call) -> Answer:
    """Tell how many items are stored and how many more fit."""
    items, max_items = world.part(Store).items, world.settings.max_items
    return Answer(
        200,
        {
            "status": "ok",
            "embedding_provider": "vecpact",
            "model": "hashed-ngrams",
            "llm_provider": "vecpact",
            "llm_model": "extractive",
            "items": items,
            "max_items": max_items,
            "remaining": max_items - items,
        },
    )
