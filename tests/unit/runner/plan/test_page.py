"""The plan's page for people and its document for programs."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from runner.plan.facts import Capacity, ClonePlan, TableSettings, Unread
from runner.plan.model import Cost, Finding, PhasePlan, Plan, Quota, Read, TablePlan, Totals, Volume
from runner.plan.page import render

FAILS = Finding("fails", "table A", "it exists", "delete it")
WARNS = Finding("warns", "clones", "they are being destroyed", "wait")
UNCHECKED = Finding("unchecked", "secret s", "not checked: AccessDenied", "look yourself")


def plan(*findings: Finding, known: bool = True) -> Plan:
    some = (lambda value: value) if known else (lambda _value: None)
    return Plan(
        environment="test",
        account="971779422973",
        region="eu-west-1",
        domain="rates",
        mode="rehearsal",
        parallelism=9,
        run=None,
        moment=dt.datetime(2026, 11, 25, 8, 30, tzinfo=dt.UTC),
        all_findings=findings,
        notes=("reuses 1 clone made 3 h 20 min ago by the rehearsal r1 of rates",),
        volumes=(Volume("lipsdb", "available", some(5_000_000_000), "CloudWatch VolumeBytesUsed"),),
        reads=(Read("A", "rate", "lipsdb", some(1_234_567), some(98_765_432), "the clone's statistics"),),
        tables=(TablePlan("A", "A-rehearsal", some(1_234_567), some(2 * 10**9), some(10**8), some(8), "a source"),),
        totals=Totals(some(1_234_567), some(98_765_432), some(2 * 10**9), some(10**8), some(8), at_most=not known),
        quotas=(Quota("imports at once", 1, 2, 50, "AWS's default"),),
        phases=(PhasePlan("Clone", some(600.0), "the run r1"), PhasePlan("Compare", some(60.5), "the run r1")),
        vcpu_hours=some(1.5),
        history_events=19_042,
        costs=(Cost("clones", some(9.0), "instance-hours", some(2.574), confirmed=True),
               Cost("imports", some(2.0), "GB", some(0.34), confirmed=False)),
        monthly=(Cost("storage", some(2.0), "GB-months", some(0.001), confirmed=True),),
        prices_date=dt.date(2026, 11, 25),
        sources={"lipsdb": "there is no clone yet", "vcpuHours": "the run r1"},
    )  # fmt: skip


def shown(what: Plan, *, terminal: bool = False) -> str:
    file = io.StringIO()
    render(what, Console(file=file, force_terminal=terminal, width=100))
    return file.getvalue()


def test_figures_stand_in_aligned_columns_with_their_sources() -> None:
    lines = shown(plan()).splitlines()

    assert lines[0] == "Plan of rates, rehearsal, test (971779422973, eu-west-1), 2026-11-25 08:30 UTC"
    assert "  A      rate     lipsdb   1,234,567  98.8 MB" in [line.rstrip() for line in lines]
    assert "  A-rehearsal  1,234,567                   2.0 GB  100.0 MB        8" in [line.rstrip() for line in lines]
    assert "  1.5 vCPU-hours for both Spark jobs, from the run r1" in lines
    times = [line for line in lines if line.startswith(("  Clone ", "  Compare ", "  together "))][:3]
    assert {line.index(" s ") for line in times} == {times[0].index(" s ")}
    assert "  no statistics of lipsdb: there is no clone yet" in lines
    assert "  imports       2.00  GB              0.34  *" in [line.rstrip() for line in lines]
    assert any("GB-months" in line for line in lines)
    assert any(line.split() == ["together", "2.91"] for line in lines)


def test_a_name_is_never_cut() -> None:
    long = "A-table-of-a-very-long-name-" * 5 + "rehearsal"
    tables = (TablePlan("A", long, 1, 1, 1, 1, "a source"),)

    text = shown(replace(plan(), tables=tables), terminal=True)

    assert "…" not in text
    assert "".join(text.split()).count("rehearsal") > 1


def test_what_is_wrong_comes_last_and_the_verdict_after_it() -> None:
    text = shown(plan(FAILS, WARNS, UNCHECKED))

    assert text.endswith(
        "Would fail\n  table A: it exists\n    delete it\n\nThis run would fail, for 1 reason. Nothing was created.\n"
    )
    assert text.index("Not checked") < text.index("May be wrong") < text.index("Would fail")


def test_a_plan_without_figures_says_what_is_not_known() -> None:
    text = shown(plan(known=False))

    assert "?" in text
    assert "together, as far as known" in text
    assert text.splitlines()[-1] == "Ready to start: no problems found."


def test_a_pipe_gets_no_colour_and_a_terminal_does() -> None:
    assert "\x1b[" not in shown(plan(FAILS))
    assert "\x1b[1;31mWould fail" in shown(plan(FAILS), terminal=True)


def test_the_document_has_the_keys_that_its_page_describes() -> None:
    document = plan(FAILS).document()

    page = Path("docs/plan.md").read_text("utf-8").split("## The document")[1]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert sorted(document) == sorted(key for row in rows for key in re.findall(r"`(\w+)`", row))
    assert document["wouldGo"] is False
    assert document["moment"] == "2026-11-25T08:30:00+00:00"
    assert document["findings"] == [{"level": "fails", "about": "table A", "what": "it exists", "todo": "delete it"}]
    assert document["tables"][0]["importBytes"] == 2 * 10**9
    assert document["quotas"][0] == {
        "name": "imports at once",
        "used": 1,
        "needed": 2,
        "limit": 50,
        "source": "AWS's default",
        "atMost": False,
        "passed": False,
    }
    assert (round(document["usd"], 3), document["usdComplete"], document["seconds"]) == (2.914, True, 660.5)


def test_a_clone_shows_its_age_and_who_made_it() -> None:
    made = dt.datetime(2026, 11, 25, 5, 10, tzinfo=dt.UTC)
    with_clone = replace(plan(), clones=(ClonePlan("lipsdb", "available", made, "r1", "rates", "rehearsal"),))

    lines = [" ".join(line.split()) for line in shown(with_clone).splitlines()]
    assert "cluster clone age made by volume" in lines
    assert "lipsdb available 3 h 20 min the rehearsal r1 of rates 5.0 GB" in lines
    assert with_clone.document()["clones"] == [
        {
            "cluster": "lipsdb",
            "status": "available",
            "created": "2026-11-25T05:10:00+00:00",
            "run": "r1",
            "domain": "rates",
            "mode": "rehearsal",
        }
    ]


def test_the_settings_of_tables_and_what_they_cost_besides_are_shown() -> None:
    plain = TableSettings(
        "A", "A", "PAY_PER_REQUEST", None, None, None, "STANDARD", None, None, deletion_protection=True
    )
    capped = replace(plain, name="B", on_demand_maximum=Capacity(1000, 500), stream="test-B-Stream")
    fixed = replace(
        plain,
        name="C",
        billing_mode="PROVISIONED",
        capacity=Capacity(10, 5),
        warm_throughput=Capacity(20, 9),
        table_class="STANDARD_INFREQUENT_ACCESS",
        kms_key="alias/r",
        deletion_protection=False,
    )
    with_settings = replace(plan(), settings=(plain, capped, fixed), not_counted=("the provisioned capacity of C",))

    lines = [" ".join(line.split()) for line in shown(with_settings).splitlines()]
    assert lines[lines.index("Table settings") + 1 :][:4] == [
        "table capacity class encryption key stream protected",
        "A on demand standard AWS owned none yes",
        "B on demand, at most 1,000 read and 500 write standard AWS owned test-B-Stream yes",
        "C provisioned, 10 read and 5 write; warm for 20 read and 9 write standard infrequent access alias/r none no",
    ]
    assert "not counted: the provisioned capacity of C" in lines
    assert with_settings.document()["settings"][1]["onDemandMaximum"] == {"read": 1000, "write": 500}


def test_columns_that_are_not_read_are_shown_with_where_that_is_known_from() -> None:
    with_unread = replace(plan(), unread=(Unread("A", "rate", ("note",), ("tax", "fee"), "the run r1 of 2026-11-20"),))

    lines = [" ".join(line.split()) for line in shown(with_unread).splitlines()]
    assert lines[lines.index("Columns that are not read") + 2] == "A rate note tax, fee the run r1 of 2026-11-20"
