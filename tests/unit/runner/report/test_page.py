"""The page: whole, self-contained, and made by us alone whatever the data hold."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from runner import links
from runner.formatting import money, price, quantity
from runner.report.bars import chain
from runner.report.page import render
from runner.report.summary import render as render_summary
from runner.report.text import existing_clones, visible
from tests.unit.runner.report import catch_ups, gallery, samples
from tests.unit.runner.report.raw import RawEvidence, report_of

if TYPE_CHECKING:
    from collections.abc import Callable


VOID = {"meta", "br", "path", "rect"}


class Elements(HTMLParser):
    """Every element with its attributes, and whether each is closed by its own end."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def elements(sample: Callable[[], RawEvidence]) -> Elements:
    return Elements(render(report_of(sample())))


def test_the_page_of_a_running_job_shows_rows_by_cluster_and_that_of_one_that_ended_does_not() -> None:
    rows = " ".join(" ".join(elements(samples.reading).text).split())
    ended = replace(samples.reading(), progress=(samples.job_document(state="ended"),))

    assert "BaseRate read all 40,000 100,000 40 % 16.0 MB 2,000 30 s lipsdb 30,000 30,000 100 % 12.0 MB" in rows
    assert "partition-01 10,000 70,000 14 % 4.0 MB" in rows
    assert 'id="progress"' not in render(report_of(ended))
    assert 'id="progress"' not in render(report_of(samples.match()))
    assert "got this far: read; 40,000 rows read" in render_summary(report_of(samples.stopped_reading()))


@pytest.mark.parametrize("name", gallery.ALL)
def test_a_page_is_well_formed_and_needs_nothing_from_elsewhere(name: str) -> None:
    page = elements(gallery.ALL[name])

    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"}
    attributes = {(key, value) for _, attrs in page.tags for key, value in attrs.items()}
    assert not [key for key, _ in attributes if key.startswith("on") or key in ("src", "style", "srcset")]
    pages = ("#", "https://eu-west-1.console.aws.amazon.com/", "https://github.com/acme/migration/blob/HEAD/docs/")
    assert [value for key, value in attributes if key == "href" and not (value or "").startswith(pages)] == []
    assert "url(" not in render(report_of(gallery.ALL[name]())).split("</style>")[0]


@pytest.mark.parametrize("name", gallery.ALL)
def test_headings_go_down_by_one_and_every_id_is_one(name: str) -> None:
    page = elements(gallery.ALL[name])

    levels = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {attrs["href"] for tag, attrs in page.tags if tag == "a" and (attrs["href"] or "").startswith("#")}
    assert targets <= {f"#{name}" for name in ids}


@pytest.mark.parametrize("name", gallery.ALL)
def test_every_table_has_a_caption_and_every_header_a_scope(name: str) -> None:
    tags = elements(gallery.ALL[name]).tags

    assert [tag for tag, _ in tags].count("caption") == [tag for tag, _ in tags].count("table") > 0
    assert [attrs for tag, attrs in tags if tag == "th" and attrs.get("scope") not in ("row", "col")] == []


def test_hostile_data_make_the_very_elements_that_harmless_data_make() -> None:
    harmless = tuple({**sample, "column": "amount"} for sample in (samples.CHANGED,) * 3)
    whole = {**samples.CHANGED, "class": "missing", "column": "(whole item)", "source": "present", "target": "absent"}

    calm = Elements(render(report_of(samples.saying(samples.mismatch((*harmless, whole), changed=90), "harmless"))))
    wild = elements(samples.hostile)

    def shape(page: Elements) -> list[str]:
        return [tag for tag, _ in page.tags if tag not in ("abbr", "p", "strong")]

    assert shape(wild) == shape(calm)
    text = "".join(wild.text)
    assert '<script>alert("x")</script>' in text
    assert "{{ 7*7 }}" in text
    assert "⟨U+202E⟩gnp.exe⟨U+0000⟩" in text
    assert "\u202e" not in text
    assert "cut after 1,024 of 102,402 characters" in text


def test_a_partial_sample_is_said_aloud() -> None:
    text = " ".join("".join(elements(samples.mismatch).text).split())

    assert "Partial: 1 of 2 are shown." in text
    assert "1000#A / 2027-01-01" in text
    assert "12.34" in text


def test_a_chain_shows_what_each_step_lost_where_it_was_lost() -> None:
    (table,) = report_of(samples.mismatch()).tables

    rows = chain(table.counts)

    assert [(row.label, row.kind, row.value) for row in rows] == [
        ("rows read", "stage", 105),
        ("rejected", "less", 1),
        ("superseded", "less", 4),
        ("filtered", "less", 2),
        ("items", "stage", 98),
        ("imported", "stage", 98),
        ("exported", "stage", 97),
        ("compared", "stage", 98),
        ("expired", "less", 1),
        ("changed", "bad", 2),
        ("matched", "stage", 95),
    ]
    by_label = {row.label: row for row in rows}
    assert (by_label["rows read"].start, by_label["rows read"].width) == (0, 1000)
    assert round(by_label["filtered"].start) == round(by_label["items"].width)


def test_what_is_not_known_is_drawn_as_nothing_and_not_as_zero() -> None:
    (table,) = report_of(samples.failed_in_bootstrap()).tables

    assert {(row.kind, row.width, row.value) for row in chain(table.counts)} == {("unknown", 0, None)}


@pytest.mark.parametrize("name", gallery.ALL)
def test_a_summary_keeps_its_tables_whole(name: str) -> None:
    lines = render_summary(report_of(gallery.ALL[name]())).splitlines()

    rows = [line for line in lines if line.startswith("|")]
    assert rows
    assert {line.count("|") for line in rows} <= {9, 7, 6}
    assert not [line for line in lines if "<script" in line or "<img" in line]


def test_a_summary_says_verdict_counts_and_differences() -> None:
    summary = render_summary(report_of(samples.mismatch()))

    assert summary.startswith(
        "## ❌ rates: MISMATCH\n\n2 of 98 items differ between the clones and DynamoDB, in 1 table.\n"
    )
    assert f"[Execution]({links.execution(samples.ARN)}) · [Log of the job compare](" in summary
    assert "| BaseRate | 105 | 98 | 98 | 97 | 98 | 95 | MISMATCH |" in summary
    assert (
        "| BaseRate | <code>1000&#35;A / 2027-01-01</code> | amount | <code>12.34</code> | <code>12</code> |" in summary
    )
    assert "1 of 2 differing items" in summary


def test_unseen_characters_are_written_out_and_emoji_stay_whole() -> None:
    assert visible("a\u202eb\x00c\ud800d") == "a⟨U+202E⟩b⟨U+0000⟩c⟨U+D800⟩d"
    assert visible("👩‍👩‍👧 שלום\n\ttab") == "👩‍👩‍👧 שלום\n\ttab"
    assert visible("a\u200db") == "a⟨U+200D⟩b"


def test_small_amounts_are_not_shown_as_nothing() -> None:
    assert [money(0.0), money(0.004), money(12.5), money(None)] == ["0.00", "<0.01", "12.50", "no price"]
    assert [price(value) for value in (0.286, 0.004623, 0.000025, 0.0000133334)] == [
        "0.286",
        "0.00462",
        "0.000025",
        "0.0000133",
    ]
    assert [quantity(value) for value in (0, 1234.5, 0.0283, 0.0000133)] == ["0", "1,234.50", "0.0283", "1.3e-05"]


def words(sample: Callable[[], RawEvidence]) -> str:
    return " ".join(" ".join(elements(sample).text).split())


def test_the_page_says_what_was_left_unread_and_unlisted() -> None:
    page = words(samples.match)

    assert "BaseRate, extract rate, leaves out on purpose: internal_note" in page
    assert "not listed BaseRate, extract rate: currency , <b>tax</b> . The catalog neither reads these columns" in page
    assert "reads only the rows where status <> 'X' AND price < 10" in page
    assert "Marked estimates are more than twice the rows of the table" in page


def test_the_page_says_what_the_catalog_accepts_beside_what_there_was() -> None:
    page = words(samples.match)

    assert "2 rows filtered by the select; the catalog accepts 2 ( max_filtered )." in page
    assert "3 distinct source keys were superseded by a row of another source key." in page
    assert "1 key has no item, since the newest row was rejected." in page


def test_the_page_says_what_the_witness_disputes() -> None:
    page = words(samples.disputed)

    assert "No item differs, but rows of the witness do: see below." in page
    assert "disputed 108 rows were sampled at random and read another way." in page
    assert "1 row differs." in page
    assert "7.038531e-26 what Bootstrap landed 7.0385313e-26" in page


def test_the_page_marks_reused_clones_with_their_age_and_maker() -> None:
    page = words(samples.reused)

    assert (
        "reused 2 of them were made before this run began, the oldest 3 h 00 min before, by the rehearsal run" in page
    )


def test_the_page_of_an_older_run_says_that_there_was_no_witness() -> None:
    page = words(samples.older)

    assert "No witness sample was taken." in page
    assert "not listed" not in page


def test_clones_that_still_exist_are_shown_with_age_cost_and_holder() -> None:
    remains = report_of(samples.mismatch()).remains

    assert (
        existing_clones(remains)
        == "2 clones still exist, the oldest 59 min 55 s old, 0.57 USD an hour; held by rates (failed)."
    )
    assert existing_clones(remains) in render_summary(report_of(samples.mismatch()))


def test_the_outcome_is_the_title_and_what_to_do_next_is_in_the_navigation() -> None:
    page = render(report_of(samples.failed_in_bootstrap()))

    assert "Failed in Bootstrap: BootstrapFailed</h1>" in page
    assert '<li><a href="#next">What to do next</a></li>' in page
    assert "No verdict" not in page


def test_an_overview_of_all_tables_with_totals_comes_before_their_cards() -> None:
    page = words(lambda: gallery.many(samples.mismatch()))

    assert "40 tables 4,200 3,920 3,920 3,880 3,920 3,800 80" in page
    assert page.index("Rate40 MISMATCH 105 98 98 97 98 95 2") < page.index("Rows and items of Rate01, step by step")


def test_cards_of_many_tables_are_closed_but_for_those_that_do_not_match() -> None:
    matching = render(report_of(gallery.many(samples.match())))
    differing = render(report_of(gallery.many(samples.mismatch())))

    assert (matching.count("<details open>"), differing.count("<details open>")) == (0, 40)


@pytest.mark.parametrize("name", ["refused", "failed-in-bootstrap", "running"])
def test_an_empty_section_is_one_line(name: str) -> None:
    page = render(report_of(gallery.ALL[name]()))

    assert page.count('<section class="line"') >= 6
    for heading in ("counts", "differences", "columns", "sources", "witness"):
        assert f'<section class="line" aria-labelledby="{heading}">' in page


def test_a_running_page_counts_the_time_so_far() -> None:
    page = words(samples.running)

    assert "Running: Bootstrap, 59 min 59 s so far" in page
    assert "So far 59 min 59 s" in page
    assert "Bootstrap running 59 min 44 s" in page
    assert " 0 s" not in page


def test_a_catch_up_shows_its_base_its_changes_and_what_the_tables_represent() -> None:
    page = words(catch_ups.catch_up)

    assert "9 items differed from the tables before: 4 inserted, 3 updated, 2 deleted." in page
    assert "Counted from the tables as the run rates-official-1 had proven them" in page
    assert "BaseRate 4 3 2 91 9.38 % 8 1 0" in page
    assert (
        "The tables hold what the clusters held when they were cloned: 2026-11-25 12:00:05 UTC to "
        "2026-11-25 12:00:08 UTC . This run proved it at 2026-11-25 12:01:00 UTC ." in page
    )
    assert "The domain is not live" in page
    assert "rates-catch-up-1 2026-11-25 06:00:00 UTC succeeded 1,204 3,310 18" in page
    assert "rates-catch-up-0 2026-11-25 00:00:00 UTC TooManyDeletions 1,204 3,310 18" in page


def test_a_catch_up_that_writes_says_how_far_it_is_and_that_the_tables_are_between_two_instants() -> None:
    page = words(catch_ups.applying)

    assert "5 of 9 changes are written." in page
    assert "between two instants The run rates-catch-up-2 has begun to write to the tables and has not matched." in page


def test_conflicts_are_loud_and_say_where_they_are() -> None:
    page = words(catch_ups.with_writers)

    assert "Failed in Apply: WritersFound" in page
    assert "conflicts 2 items were neither as proven nor as intended" in page
    assert f"s3://data/conflicts/rates/{catch_ups.RUN}/" in page


def test_live_tables_say_since_when_and_by_whom() -> None:
    page = words(catch_ups.live)

    assert "live Applications write to the tables since 2026-11-25 12:30:00 UTC ; ana cut the domain over" in page
    assert "The domain is not live" not in page


def test_a_repair_without_differences_says_so() -> None:
    page = words(catch_ups.repair)

    assert "Repair of rates" in page
    assert "No item had to be written." in page
    assert "Counted from an export of the tables as they were." in page


def test_a_summary_of_a_catch_up_has_its_changes() -> None:
    summary = render_summary(report_of(catch_ups.catch_up()))

    assert "| table | inserted | updated | deleted | unchanged | conflicts |" in summary
    assert "| BaseRate | 4 | 3 | 2 | 91 | 0 |" in summary
    assert "[read more](https://github.com/acme/migration/blob/HEAD/docs/cut-over.md#3-the-switch)" in summary


def test_a_page_that_is_kept_current_reloads_itself() -> None:
    report = report_of(samples.running())

    assert '<meta http-equiv="refresh" content="30">' in render(report, refresh_seconds=30)
    assert 'http-equiv="refresh"' not in render(report)
