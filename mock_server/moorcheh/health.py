"""The health of the instance: its providers, its cap, and how full it is."""

from mock_server.moorcheh.store import Store
from mock_server.service import Answer, Call
from mock_server.session import World

EMBEDDING_PROVIDER, LLM_PROVIDER = "vecpact", "vecpact"
LLM_MODEL = "extractive"


def health(world: World, _call: Call) -> Answer:
    """Tells how many items are stored and how many more fit."""
    items, max_items = world.part(Store).items, world.settings.max_items
    providers = {
        "embedding_provider": EMBEDDING_PROVIDER,
        "model": world.equipment.embedder.name,
        "llm_provider": LLM_PROVIDER,
        "llm_model": LLM_MODEL,
    }
    return Answer(
        200,
        {
            "status": "ok",
            **({} if world.equipment.generation == "v1" else providers),
            "items": items,
            "max_items": max_items,
            "remaining": max_items - items,
        },
    )
