"""Table statistics that a plan reads from a MySQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.mariadb import SERVER, mariadb
from catalog.models import Extract
from local.certificates import Authority, authority
from runner.errors import UnreachableError
from runner.plan.statistics import Server, _ask_mysql

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(SERVER is None, reason="no mariadbd on this machine; .ci/run installs one")
def test_a_table_tells_rows_and_bytes_and_a_view_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_CA_BUNDLE", str(authority().bundle))
    with mariadb(tmp_path) as server:
        server.run(
            "CREATE TABLE rate (id INT PRIMARY KEY, name VARCHAR(20)) ENGINE=InnoDB;"
            "INSERT INTO rate SELECT seq, 'a name' FROM seq_1_to_5000;"
            "CREATE VIEW seen AS SELECT * FROM rate;"
            "ANALYZE TABLE rate;"
        )
        extracts = {
            ("T", name): Extract(source=source, group="main", columns={"id": "integer"})
            for name, source in (("rate", "rate"), ("qualified", "shop.rate"), ("view", "seen"))
        }

        sizes = _ask_mysql(Server("127.0.0.1", server.port, "shop", "reader", server.password), extracts)

    assert set(sizes) == {("T", "rate"), ("T", "qualified")}
    rows, size = sizes["T", "rate"]
    assert 4000 < rows < 6000  # the server's own estimate
    assert 20 * rows < size < 200 * rows


@pytest.mark.skipif(SERVER is None, reason="no mariadbd on this machine; .ci/run installs one")
def test_a_server_that_nobody_vouches_for_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = tmp_path / "shown"
    shown.mkdir()
    with mariadb(tmp_path, Authority(tmp_path / "other").issue(shown)) as server:
        asked = Server("127.0.0.1", server.port, "shop", "reader", server.password)
        monkeypatch.setenv("DATABASE_CA_BUNDLE", str(authority().bundle))
        with pytest.raises(UnreachableError, match="certificate verify failed"):
            _ask_mysql(asked, {})
