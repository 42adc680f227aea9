"""Two generations of the service are in use: what the older does not offer is unproven there, not broken."""

from collections.abc import Callable

from conformance.exchange import Exchange
from conformance.expectation import require
from conformance.moorcheh.basis import PROVIDERS, Namespace, text_namespace
from conformance.moorcheh.driver import Moorcheh

NOT_OFFERED = "not offered by this generation of the service"
NO_ENDPOINT = (404, 405, 501)

Ask = Callable[[Namespace], Exchange]

ENDPOINTS: dict[str, Ask] = {
    "fetch-text-data": lambda space: space.server.fetch_text_data(space.name),
    "files": lambda space: space.server.list_files(space.name),
    "answer": lambda space: space.server.answer("Is anybody there?", ""),
}


class Offer:
    """What a server offers beyond the first generation, found out once.

    Args:
        server: The driver.
    """

    def __init__(self, server: Moorcheh) -> None:
        self._server = server
        self._offered: dict[str, bool] = {}

    def require(self, endpoint: str) -> None:
        """Proves nothing unless the endpoint is offered; one that must be there is not looked for."""
        require(self._offers(endpoint), NOT_OFFERED)

    def require_second_generation(self) -> None:
        """Proves nothing on a server that has nothing of the second generation."""
        generation = self._server.terms.generation
        seen = generation == "auto" and (self._names_providers() or any(map(self._offers, ENDPOINTS)))
        require(generation == "v2" or seen, NOT_OFFERED)

    def _offers(self, endpoint: str) -> bool:
        generation = self._server.terms.generation
        if generation != "auto":
            return generation == "v2"
        if endpoint not in self._offered:
            exchange = ENDPOINTS[endpoint](text_namespace(self._server))
            self._offered[endpoint] = exchange.status not in NO_ENDPOINT
        return self._offered[endpoint]

    def _names_providers(self) -> bool:
        body = self._server.health().body
        return any(name in body for name in PROVIDERS)
