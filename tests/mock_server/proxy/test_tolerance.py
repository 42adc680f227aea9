"""Nothing is said of a server that chooses otherwise where its contract leaves a choice."""

import pytest

from mock_server import create_app
from tests.mock_server.proxy.sessions import cortex_day, moorcheh_day
from tests.mock_server.proxy.traffic import Traffic
from tests.tolerant import VARIANTS, Variant

DAYS = {"moorcheh": moorcheh_day, "cortex": cortex_day}
IN_PROCESS = [variant for variant in VARIANTS if variant.server is None]


@pytest.mark.parametrize("variant", IN_PROCESS, ids=str)
def test_nothing_is_said_of_a_variant(variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    if variant.change is not None:
        variant.change(monkeypatch)
    app = create_app(services=(variant.service,), **variant.settings)
    traffic = Traffic(app if variant.wraps is None else variant.wraps(app), variant.service)
    DAYS[variant.service](traffic)
    assert [finding for finding in traffic.findings if finding.fails] == []
