"""A state machine: random sequences of calls, compared with a model that is a dict of dicts.

Every other check asks one question of a fresh namespace. This one finds what only a history brings out, and
names the clause each difference belongs to.
"""

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition

from conformance import wire
from conformance.check import explores
from conformance.exchange import Exchange
from conformance.history import rule
from conformance.moorcheh.basis import (
    Namespace,
    by_id,
    entry_of,
    health_of,
    hits_of,
    vector_namespace,
)
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import positive_vector
from conformance.verdict import broken

MOST_SPACES = 3
IDS = [f"i{n}" for n in range(12)]
# Where ids are found that never were in the namespace, the clause is another than where they were deleted.
STRANGERS = {
    "moorcheh.items.delete": "moorcheh.items.get-missing",
    "moorcheh.search.deleted": "moorcheh.search.only-asked",
}
ids = st.sampled_from(IDS)
some_ids = st.lists(ids, min_size=1, max_size=6, unique=True)
places = st.integers(0, MOST_SPACES - 1)


class History(RuleBasedStateMachine):
    """Creates, uploads, re-uploads, polls, gets, deletes, searches, drops and re-creates namespaces.

    The model holds, for each namespace, the version of each id that was accepted last. What an upload that
    is still running will change is not looked at before its job has completed. After each change its
    namespace is compared with the model: what differs then, that change has done; what differs later, a
    change elsewhere has.
    """

    server: Moorcheh

    def __init__(self) -> None:
        super().__init__()
        self._spaces: list[Namespace] = []
        self._models: list[dict[str, int]] = []
        self._buried: list[set[str]] = []
        self._deleted: list[set[str]] = []
        self._running: list[tuple[int, str, Exchange]] = []
        self._version = 0
        self._origins: dict[int, int] = {}
        self._foreign = health_of(self.server)["items"]

    @precondition(lambda self: len(self._spaces) < MOST_SPACES)
    @rule(dimension=st.integers(2, 4))
    def create(self, dimension: int) -> None:
        """Creates a namespace."""
        self._spaces.append(vector_namespace(self.server, dimension))
        self._models.append({})
        self._buried.append(set())
        self._deleted.append(set())

    @precondition(lambda self: self._spaces)
    @rule(place=places, chosen=some_ids)
    def upload(self, place: int, chosen: list[str]) -> None:
        """Uploads new and known ids."""
        place %= len(self._spaces)
        space = self._spaces[place]
        self._version += 1
        self._origins[self._version] = place
        batch = [{"id": each, "vector": self._vector(space), "version": self._version} for each in chosen]
        exchange = space.upload(batch)
        if exchange.status != 202:
            clause = "moorcheh.vectors.accepted"
            if not exchange.succeeded and set(chosen) <= set(self._models[place]):
                clause = "moorcheh.vectors.upsert"
            elif not exchange.succeeded and self._buried[place]:
                clause = "moorcheh.namespaces.delete-frees-name"
            raise broken("202", exchange.outcome(), exchange, clause=clause)
        self._running.append((place, str(exchange.body.get("job_id")), exchange))
        self._models[place] |= dict.fromkeys(chosen, self._version)
        self._buried[place] -= set(chosen)
        self._deleted[place] -= set(chosen)

    @rule()
    def poll(self) -> None:
        """Waits for all running jobs, in the order of their uploads."""
        for place, job_id, _ in self._running:
            self._spaces[place].await_job(job_id)
        places = {place for place, _, _ in self._running}
        self._running.clear()
        for place in sorted(places):
            self._compare(place, IDS, "moorcheh.vectors.stored-when-completed")

    @precondition(lambda self: self._spaces and not self._running)
    @rule(place=places, chosen=some_ids)
    def get(self, place: int, chosen: list[str]) -> None:
        """Gets known and unknown ids."""
        self._compare(place, chosen, "moorcheh.vectors.id-per-namespace")

    @precondition(lambda self: self._spaces and not self._running)
    @rule(place=places, chosen=some_ids)
    def delete(self, place: int, chosen: list[str]) -> None:
        """Deletes known and unknown ids."""
        space, model = self._at(place)
        exchange = self.server.delete_items(space.name, chosen)
        known = [each for each in chosen if model.pop(each, None) is not None]
        missing = sorted(set(chosen) - set(known))
        answer = exchange.body.get("deleted"), sorted(map(str, exchange.body.get("not_found_ids") or []))
        if answer != (len(known), missing):
            expected = f"deleted {len(known)}, not found {missing}"
            clause = "moorcheh.items.delete" if known else "moorcheh.items.delete-none"
            raise broken(expected, exchange.outcome(), exchange, clause=clause)
        self._deleted[place % len(self._spaces)] |= set(known)
        self._compare(place, IDS, "moorcheh.items.delete")

    @precondition(lambda self: self._spaces and not self._running)
    @rule(place=places)
    def search(self, place: int) -> None:
        """Searches a namespace for all it holds."""
        space, model = self._at(place)
        exchange = self.server.search(self._vector(space), [space.name], top_k=100)
        hits = {str(hit.get("id")) for hit in hits_of(exchange)}
        if hits - set(model):
            clause = self._clause_of_ghosts(place, hits - set(model), "moorcheh.search.deleted")
            raise broken(f"hits among {sorted(model)}", f"{sorted(hits)}", exchange, clause=clause)
        if set(model) - hits:
            raise self._fault("stored-when-completed", f"hits {sorted(model)}", f"{sorted(hits)}", exchange)

    @precondition(lambda self: not self._running)
    @rule()
    def count(self) -> None:
        """Compares all counts, of what is there by items/get; that of the instance only while alone there."""
        for place, (space, model) in enumerate(zip(self._spaces, self._models, strict=True)):
            self._compare(place, IDS, "moorcheh.vectors.id-per-namespace")
            exchange = self.server.list_namespaces()
            count = (entry_of(self.server, space.name) or {}).get("item_count")
            if count != len(model):
                clause = "moorcheh.namespaces.item-count"
                raise broken(f"item_count {len(model)}", f"item_count {count}", exchange, clause=clause)
        if self.server.target.is_shared:
            return
        exchange = self.server.health()
        items = self._foreign + sum(map(len, self._models))
        if exchange.body.get("items") != items:
            raise broken(
                f"items = {items}", exchange.outcome(), exchange, clause="moorcheh.health.counts-all"
            )

    @precondition(lambda self: self._spaces and not self._running)
    @rule(place=places, dimension=st.integers(2, 4))
    def re_create(self, place: int, dimension: int) -> None:
        """Deletes a namespace and creates one of the same name."""
        place %= len(self._spaces)
        name = self._spaces[place].name
        self._spaces[place].drop()
        body = {"namespace_name": name, "type": "vector", "vector_dimension": dimension}
        exchange = self.server.create_namespace(body)
        if not exchange.succeeded:
            clause = "moorcheh.namespaces.delete-frees-name"
            raise broken("200 or 201", exchange.outcome(), exchange, clause=clause)
        self._spaces[place] = Namespace(self.server, name, dimension)
        self._buried[place] |= set(self._models[place])
        self._deleted[place].clear()
        self._models[place] = {}
        self._compare(place, IDS, "moorcheh.namespaces.delete-frees-name")

    def _compare(self, place: int, chosen: Sequence[str], clause: str) -> None:
        """Expects the items of a namespace as in the model; the clause is that of an item that is gone."""
        space, model = self._at(place)
        exchange = self.server.get_items(space.name, chosen)
        found = {each: item.get("metadata") for each, item in by_id(exchange.body.get("items")).items()}
        for each in chosen:
            if each not in model and each in found:
                ghosts = self._clause_of_ghosts(place, {each}, "moorcheh.items.delete")
                raise broken(f"no item {each!r}", exchange.outcome(), exchange, clause=ghosts)
            if each in model and each not in found:
                raise broken(f"an item {each!r}", f"found: {sorted(found)}", exchange, clause=clause)
            if each in model and not wire.same(found[each], {"version": model[each]}):
                expected, got = f"{each!r} as of upload {model[each]}", f"metadata {found[each]}"
                other = self._clause_of_metadata(place, found[each])
                raise broken(expected, got, exchange, clause=other)

    def _at(self, place: int) -> tuple[Namespace, dict[str, int]]:
        place %= len(self._spaces)
        return self._spaces[place], self._models[place]

    def _vector(self, space: Namespace) -> list[float]:
        return positive_vector(self._version, space.dimension or 0)

    def _clause_of_ghosts(self, place: int, ghosts: set[str], otherwise: str) -> str:
        """The clause that is broken where ids are found that are not there, deleted or unknown."""
        place %= len(self._spaces)
        if ghosts <= self._buried[place]:
            return "moorcheh.namespaces.delete-frees-name"
        return otherwise if ghosts <= self._deleted[place] | self._buried[place] else STRANGERS[otherwise]

    def _clause_of_metadata(self, place: int, metadata: object) -> str:
        """The clause that other metadata than the model's break: old ones, those of elsewhere, or new."""
        version = metadata.get("version") if isinstance(metadata, dict) else None
        origin = self._origins.get(version) if type(version) is int else None
        if origin is None:
            return "moorcheh.vectors.metadata"
        at_home = origin == place % len(self._spaces)
        return f"moorcheh.vectors.{'upsert-replaces' if at_home else 'id-per-namespace'}"

    def _fault(self, clause: str, expected: str, got: str, exchange: Exchange) -> AssertionError:
        return broken(expected, got, exchange, clause=f"moorcheh.vectors.{clause}")


@explores(
    "moorcheh.vectors.accepted",
    "moorcheh.vectors.id-per-namespace",
    "moorcheh.vectors.metadata",
    "moorcheh.vectors.stored-when-completed",
    "moorcheh.vectors.upsert",
    "moorcheh.vectors.upsert-replaces",
    "moorcheh.items.delete",
    "moorcheh.items.delete-none",
    "moorcheh.items.get-missing",
    "moorcheh.search.deleted",
    "moorcheh.search.only-asked",
    "moorcheh.namespaces.item-count",
    "moorcheh.namespaces.delete-frees-name",
    "moorcheh.health.counts-all",
)
def a_history_matches_the_model(server: Moorcheh) -> type[RuleBasedStateMachine]:
    """Any sequence of valid calls."""
    return type("History", (History,), {"server": server})
