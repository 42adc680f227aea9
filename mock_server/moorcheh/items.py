"""Stored items by id: get and delete."""

from mock_server.moorcheh import rules
from mock_server.moorcheh.bodies import read_object
from mock_server.moorcheh.store import Namespace, Store
from mock_server.rules import judge
from mock_server.service import Answer, Call
from mock_server.session import World


def get(world: World, call: Call) -> Answer:
    """Answers the items that are there, in the order asked, each once."""
    namespace, ids = _asked(world, call)
    found = []
    for item_id in dict.fromkeys(ids):
        item = namespace.items.get(item_id)
        if item is not None:
            text = {} if item.text is None else {"text": item.text}
            found.append({"id": item_id, "metadata": item.metadata, **text})
    return Answer(
        200,
        {
            "status": "success",
            "message": "Get by ids completed.",
            "requested_ids": len(ids),
            "found_items": len(found),
            "items": found,
        },
    )


def delete(world: World, call: Call) -> Answer:
    """Removes the items that are there, at once."""
    namespace, ids = _asked(world, call)
    distinct = [*dict.fromkeys(ids)]
    deleted = set(namespace.remove(distinct))
    return Answer(
        200,
        {
            "status": "success",
            "message": "Delete by ids completed.",
            "namespace_name": namespace.name,
            "requested": len(ids),
            "deleted": len(deleted),
            "not_found_ids": [item_id for item_id in distinct if item_id not in deleted],
        },
    )


def _asked(world: World, call: Call) -> tuple[Namespace, list[str]]:
    body = read_object(call.body)
    namespace = world.part(Store).find(call.parameters["namespace"], "moorcheh.items.unknown-namespace")
    judge(rules.IDS, body)
    ids = body.get("ids")
    return namespace, [item_id for item_id in ids if isinstance(item_id, str)] if isinstance(
        ids, list
    ) else []
