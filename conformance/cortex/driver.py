"""The driver speaks Cortex's raw-embeddings API to a target, in both request forms, and judges nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from conformance.driver import Driver
from conformance.exchange import Exchange
from conformance.target import Target

Form = Literal["matrix", "documents"]

NO_ENDPOINT = (404, 405)
NOWHERE = "/embeddings/vecpact-is-not-there"
ENDED = ("completed", "success", "errored")
FORMS: Mapping[Form, tuple[str, ...]] = {
    "matrix": ("/upload/upload_embeddings", "/upload/upload-embeddings"),
    "documents": ("/embeddings/insert-raw-embeddings", "/embeddings/insert_raw_embeddings"),
}
RENAMED = {
    "/embeddings/create_tenant": "/embeddings/create_embeddings_tenant",
    "/embeddings/retrieve_by_ids": "/embeddings/by-chunk-ids",
    "/tenants/monitor": "/tenants/stats",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the user says of a Cortex server and grants it.

    Attributes:
        job_timeout: Seconds an upload may take to be indexed.
        form: "matrix", "documents", "both", or "auto" to look which endpoints exist.
    """

    job_timeout: float = 30.0
    form: Literal["auto", "both", "documents", "matrix"] = "auto"


class Cortex(Driver):
    """Cortex's endpoints on one target, a method each.

    A server may know a path by its kebab or its snake spelling, or by an earlier name: the driver asks by
    the one that is there.

    Args:
        target: The server under test; it sends the bearer key.
        terms: What the user says of it.
    """

    def __init__(self, target: Target, terms: Terms | None = None) -> None:
        self.terms = terms or Terms()
        super().__init__(target, self.terms.job_timeout)
        self._spelled: dict[str, str] = {}
        self._nowhere: dict[str, tuple[str, str]] = {}
        self._tenants: dict[str, Form] = {}
        self._sub_tenants: list[tuple[str, str]] = []

    def post(self, path: str, body: Any, **query: str | None) -> Exchange:
        """POST with a JSON body."""
        return self.target.send("POST", self.spelled(path) + _question(query), json=body)

    def create_matrix_tenant(self, tenant: str) -> Exchange:
        """POST /embeddings/create_tenant."""
        self._tenants[tenant] = "matrix"
        path = self.spelled("/embeddings/create_tenant")
        return self.target.send("POST", path + _question({"tenant_id": tenant}))

    def create_documents_tenant(self, tenant: str, dimension: int) -> Exchange:
        """POST /tenants/create, for embeddings of a dimension."""
        self._tenants[tenant] = "documents"
        body = {"tenant_id": tenant, "is_embeddings_tenant": True, "embeddings_dimension": dimension}
        return self.post("/tenants/create", body)

    def adopt(self, tenant: str, form: Form) -> None:
        """Removes a tenant at the end of the run as one of its own, by whichever call it was made."""
        self._tenants[tenant] = form

    def delete_tenant(self, tenant: str) -> Exchange:
        """DELETE /tenants/delete."""
        return self.target.send("DELETE", "/tenants/delete" + _question({"tenant_id": tenant}))

    def infra_status(self, tenant: str) -> Exchange:
        """GET /tenants/infra/status."""
        return self.target.send("GET", "/tenants/infra/status" + _question({"tenant_id": tenant}))

    def upload(self, tenant: str, sub_tenant: str | None, body: Any) -> Exchange:
        """POST /upload/upload_embeddings."""
        return self.post("/upload/upload_embeddings", body, tenant_id=tenant, sub_tenant_id=sub_tenant)

    def update(self, tenant: str, sub_tenant: str | None, embeddings: Any) -> Exchange:
        """PATCH /upload/update_embeddings."""
        path = self.spelled("/upload/update_embeddings", "PATCH")
        question = _question({"tenant_id": tenant, "sub_tenant_id": sub_tenant})
        return self.target.send("PATCH", path + question, json={"embeddings": embeddings})

    def verify(self, tenant: str, sub_tenant: str | None, file_id: str) -> Exchange:
        """POST /upload/verify_processing."""
        path = self.spelled("/upload/verify_processing")
        query = {"file_id": file_id, "tenant_id": tenant, "sub_tenant_id": sub_tenant}
        return self.target.send("POST", path + _question(query))

    def search(self, body: Mapping[str, Any]) -> Exchange:
        """POST /embeddings/search."""
        return self.post("/embeddings/search", body)

    def retrieve(self, body: Mapping[str, Any]) -> Exchange:
        """POST /embeddings/retrieve_by_ids."""
        return self.post("/embeddings/retrieve_by_ids", body)

    def delete(self, body: Mapping[str, Any]) -> Exchange:
        """DELETE /embeddings/delete, whose ids are in a JSON body."""
        return self.target.send("DELETE", self.spelled("/embeddings/delete", "DELETE"), json=body)

    def stats(self, tenant: str, sub_tenant: str | None = None) -> Exchange:
        """GET /tenant/stats."""
        return self.target.send(
            "GET", "/tenant/stats" + _question({"tenant_id": tenant, "sub_tenant_id": sub_tenant})
        )

    def insert(self, body: Mapping[str, Any]) -> Exchange:
        """POST /embeddings/insert-raw-embeddings."""
        return self.post("/embeddings/insert-raw-embeddings", body)

    def find(self, body: Mapping[str, Any]) -> Exchange:
        """POST /embeddings/search-raw-embeddings."""
        return self.post("/embeddings/search-raw-embeddings", body)

    def filter(self, body: Mapping[str, Any]) -> Exchange:
        """POST /embeddings/filter-raw-embeddings."""
        return self.post("/embeddings/filter-raw-embeddings", body)

    def remove(self, **query: str | Sequence[str] | None) -> Exchange:
        """DELETE /embeddings/delete-raw-embeddings; a list becomes a repeated key."""
        path = self.spelled("/embeddings/delete-raw-embeddings", "DELETE")
        return self.target.send("DELETE", path + _question(query))

    def polls_until_indexed(self, tenant: str, sub_tenant: str | None, file_id: str) -> Sequence[Exchange]:
        """Asks for an upload's state until its end or until the time is up; every answer on the way."""
        return self.polls_until(
            lambda exchange: status_of(exchange) in ENDED or not exchange.succeeded,
            lambda: self.verify(tenant, sub_tenant, file_id),
        )

    def offers(self, form: Form) -> bool:
        """Whether the server speaks a request form: as the user said, or as it looks."""
        if self.terms.form != "auto":
            return self.terms.form in (form, "both")
        return any(map(self.is_there, FORMS[form]))

    def is_there(self, path: str, method: str = "POST") -> bool:
        """Whether an endpoint exists: no unknown path has an error body of its own in this API."""
        exchange = self.target.send(method, path, json={})
        if exchange.status != 404 or not isinstance(exchange.body.get("detail"), dict):
            return exchange.status not in NO_ENDPOINT
        if method not in self._nowhere:
            self._nowhere[method] = _said(self.target.send(method, NOWHERE, json={}), NOWHERE)
        return _said(exchange, path) != self._nowhere[method]

    def spelled(self, path: str, method: str = "POST") -> str:
        """The name by which the server knows a path; the path itself if it knows none of them."""
        if path not in self._spelled:
            folder, _, last = path.rpartition("/")
            twins = [f"{folder}/{last.replace(*signs)}" for signs in (("-", "_"), ("_", "-"))]
            names = dict.fromkeys((path, *twins, *([RENAMED[path]] if path in RENAMED else [])))
            there = (name for name in names if self.is_there(name, method))
            self._spelled[path] = path if len(names) == 1 else next(there, path)
        return self._spelled[path]

    def new_sub_tenant(self, tenant: str, name: str = "") -> str:
        """The id of a sub-tenant that is empty, a name if one is given; one comes to be by being used."""
        name = name or self.new_name()
        self._sub_tenants.append((tenant, name))
        return name

    def begin_example(self) -> None:
        """Nothing is to be removed: every example has a sub-tenant of its own, removed with its tenant."""

    def end_check(self) -> None:
        """As little."""

    def end_run(self) -> None:
        """Removes the tenants or, where tenants cannot be removed, the sub-tenants the run has made."""
        for tenant in self._tenants:
            if self.offers("documents") and self.delete_tenant(tenant).status != 405:
                continue
            for _, name in (each for each in self._sub_tenants if each[0] == tenant):
                query = _question({"tenant_id": tenant, "sub_tenant_id": name})
                self.target.send("DELETE", "/tenant/delete_sub_tenant" + query)


def status_of(exchange: Exchange) -> str:
    """The indexing_status of a verify answer, which may stand in its `statuses`."""
    statuses = exchange.body.get("statuses")
    first = statuses[0] if isinstance(statuses, list) and statuses and isinstance(statuses[0], dict) else {}
    return str(exchange.body.get("indexing_status", first.get("indexing_status", "")))


def _said(refusal: Exchange, path: str) -> tuple[str, str]:
    """The code and the words of a refusal, whatever the path it is of."""
    detail = refusal.body.get("detail")
    said = detail if isinstance(detail, dict) else {}
    return str(said.get("error_code")), str(said.get("message")).replace(path, "")


def _question(query: Mapping[str, str | Sequence[str] | None]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"?{urlencode(given, doseq=True)}" if given else ""
