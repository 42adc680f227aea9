"""The admin API as a service: its operations, and how it words refusals."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mock_server.deferral import Callables
from mock_server.refusal import Refused
from mock_server.service import Answer, Call, Operation

if TYPE_CHECKING:
    from mock_server.admin import faults, jobs, ledger, requests, seed, snapshots, verify, worlds
else:
    faults = Callables("mock_server.admin.faults")
    jobs = Callables("mock_server.admin.jobs")
    ledger = Callables("mock_server.admin.ledger")
    requests = Callables("mock_server.admin.requests")
    seed = Callables("mock_server.admin.seed")
    snapshots = Callables("mock_server.admin.snapshots")
    verify = Callables("mock_server.admin.verify")
    worlds = Callables("mock_server.admin.worlds")

STATUS = {"mock.request": 400, "mock.job": 404, "mock.fault": 404, "mock.full": 409}


class Admin:
    """The admin API."""

    name = "mock"
    operations: Sequence[Operation] = (
        Operation("DELETE", "/_mock", worlds.drop),
        Operation("GET", "/_mock/sessions", worlds.sessions),
        Operation("GET", "/_mock/state", worlds.state),
        Operation("POST", "/_mock/reset", worlds.reset),
        Operation("POST", "/_mock/settings", worlds.settings),
        Operation("POST", "/_mock/clock", worlds.clock),
        Operation("GET", "/_mock/jobs", jobs.show),
        Operation("POST", "/_mock/jobs/{job_id}/complete", jobs.complete),
        Operation("POST", "/_mock/jobs/{job_id}/fail", jobs.fail),
        Operation("POST", "/_mock/jobs/{job_id}/partial", jobs.partial),
        Operation("POST", "/_mock/jobs/{job_id}/stall", jobs.stall),
        Operation("GET", "/_mock/faults", faults.show),
        Operation("POST", "/_mock/faults", faults.add),
        Operation("DELETE", "/_mock/faults", faults.clear),
        Operation("DELETE", "/_mock/faults/{fault_id}", faults.remove),
        Operation("GET", "/_mock/requests", requests.show),
        Operation("DELETE", "/_mock/requests", requests.clear),
        Operation("POST", "/_mock/verify", verify.check),
        Operation("GET", "/_mock/ledger", ledger.show),
        Operation("DELETE", "/_mock/ledger", ledger.clear),
        Operation("POST", "/_mock/seed", seed.fill),
        Operation("GET", "/_mock/snapshot", snapshots.save),
        Operation("POST", "/_mock/restore", snapshots.restore),
    )

    def refuse(self, call: Call, refused: Refused) -> Answer:
        """Answers a call that the admin API cannot follow."""
        return self.fail(call.path, STATUS[refused.clause], str(refused))

    def fail(self, _path: str, status: int, message: str) -> Answer:
        """Answers with the error body."""
        return Answer(status, {"status": "failure", "message": message})


ADMIN = Admin()
