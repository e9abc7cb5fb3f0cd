"""Progress inside a Spark job: from the running attempt's document, in a few words."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from rich.console import Console

from runner.live.history.progress import Phase, Progress
from runner.live.job_documents import JobDocuments
from runner.live.jobs.progress import JobProgress, read_job_progress
from runner.live.poll import follow
from runner.live.views.json_lines import document as followed
from runner.live.views.progress_table import execution_table
from runner.live.views.progress_views import LineView
from tests.unit.runner.fakes import Bucket, environment

ARN = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:run-1"
BEGAN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
KEY = "progress/rates/run-1/bootstrap.json"


def figures(rows: int, expected: int | None, *, exact: bool = True) -> dict[str, Any]:
    size = None if expected is None else 100 * expected
    return {"rows": rows, "bytes": 100 * rows, "expectedRows": expected, "expectedBytes": size, "exact": exact}


def stage(rows: int, expected: int | None, *, exact: bool = True, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {**figures(rows, expected, exact=exact), "rowsPerSecond": None, "ended": False, "clusters": {}, **more}


def job_document(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    clusters = {"lipsdb": figures(1_000_000, 1_000_000), "p1": figures(230_000, 2_000_000), "p2": figures(0, 1_000_000)}
    rates = {"read": stage(1_230_000, 4_000_000, rowsPerSecond=20_500.0, clusters=clusters)}
    return {
        "version": 1,
        "domain": "rates",
        "run": "run-1",
        "attempt": "run-1",
        "job": "bootstrap",
        "state": "running",
        "startedAt": "2026-01-01T00:00:00Z",
        "writtenAt": "2026-01-01T00:10:00Z",
        "intervalSeconds": 15.0,
        "phase": "read",
        "phaseStartedAt": "2026-01-01T00:01:00Z",
        "tables": {"Rate": rates, "BaseRate": {"read": stage(770_000, 1_000_000, exact=False, rowsPerSecond=3_700.0)}},
        **changes,
    }


def read(**changes: Any) -> JobProgress:  # noqa: ANN401 - JSON
    progress = read_job_progress(job_document(**changes))
    assert progress is not None
    return progress


def running(phase: str = "Bootstrap", status: str = "RUNNING") -> Progress:
    return Progress(ARN, phases=[Phase("Prepare", BEGAN), Phase(phase, BEGAN)], status=status, started=BEGAN)


def at(seconds: int) -> dt.datetime:
    return BEGAN + dt.timedelta(minutes=10, seconds=seconds)


def test_a_job_is_told_over_all_tables_with_share_rate_bytes_and_remaining_time() -> None:
    assert read().words(at(10)) == (
        "2,000,000 of about 5,000,000 rows read (40 %), 24,200 rows/s, 200.0 MB, about 2 min 04 s left"
    )


def test_a_share_is_whole_only_if_nothing_is_left() -> None:
    assert "(99 %)" in read(tables={"Rate": {"read": stage(999_999, 1_000_000)}}).words(at(0))
    assert "(100 %)" in read(tables={"Rate": {"read": stage(1_000_000, 1_000_000)}}).words(at(0))
    assert "(100 %)" in read(tables={"Rate": {"compared": stage(0, 0, ended=True)}}).words(at(0))
    whole = read(tables={"Rate": {"read": stage(10, 10, rowsPerSecond=5.0)}})
    assert whole.words(at(0)) == "10 of 10 rows read (100 %), 5 rows/s, 1.0 kB"


def test_what_nobody_knows_is_not_guessed() -> None:
    unknown = read(tables={"Rate": {"read": stage(77, None, exact=False, rowsPerSecond=7.0)}})
    exceeded = read(tables={"Rate": {"read": stage(120, 90, exact=False, rowsPerSecond=7.0)}})
    half_counted = {"Rate": {"read": stage(5, 10)}, "BaseRate": {"read": stage(7, None, exact=False)}}

    assert unknown.words(at(0)) == "77 rows read, 7 rows/s, 7.7 kB"
    assert exceeded.words(at(0)) == "120 of about 90 rows read, 7 rows/s, 12.0 kB"
    assert read(tables=half_counted).words(at(0)) == "12 rows read, 1.2 kB"
    assert read(tables={"Rate": {}}).words(at(0)) == ""


def test_stages_that_rows_are_in_are_told_and_at_last_the_one_that_ended() -> None:
    done = stage(10, 10, ended=True)

    assert read(tables={"Rate": {"read": done, "written": stage(4, 10, exact=False)}}).words(at(0)) == (
        "4 of about 10 rows written (40 %), 400 B"
    )
    assert (
        read(tables={"Rate": {"read": done, "written": done}}).words(at(0)) == "10 of 10 rows written (100 %), 1.0 kB"
    )
    both = {"read": stage(8, 20, rowsPerSecond=1.0), "compared": stage(0, 10, exact=False)}
    assert read(job="compare", tables={"Rate": both, "BaseRate": {"read": done, "compared": done}}).words(at(0)) == (
        "18 of 30 rows read (60 %), 1 rows/s, 1.8 kB, about 12 s left; 10 of about 20 keys compared (50 %), 1.0 kB"
    )


def test_a_document_that_should_be_newer_says_how_old_it_is() -> None:
    assert " ago" not in read().words(at(60))
    assert read().words(at(61)).endswith("; as of 1 min 01 s ago")
    assert " ago" not in read(state="ended").words(at(600))


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"version": 2}, job_document(version=2), job_document(tables={"Rate": {"read": {"rows": 1}}})],
)
def test_what_is_no_document_of_this_version_is_no_progress(document: object) -> None:
    assert read_job_progress(document) is None


def test_the_document_of_another_attempt_run_or_job_is_never_shown() -> None:
    for changes in ({"attempt": "run-1-again"}, {"run": "run-0"}, {"job": "compare"}):
        progress = running()
        JobDocuments(environment(s3=Bucket(**{KEY: job_document(**changes)}))).look(progress)

        assert progress.job is None


def test_a_resumed_run_shows_its_own_attempt() -> None:
    progress = running()
    progress.input = {"runId": "run-0"}
    bucket = Bucket(**{"progress/rates/run-0/bootstrap.json": job_document(run="run-0")})
    JobDocuments(environment(s3=bucket)).look(progress)

    assert progress.job == read(run="run-0")


def test_rows_are_shown_in_the_phase_of_their_job_alone() -> None:
    times = iter(range(0, 1000, 10))
    documents = JobDocuments(environment(s3=Bucket(**{KEY: job_document()})), clock=lambda: next(times))
    progress = running()
    documents.look(progress)
    assert progress.job == read()
    progress.phases.append(Phase("Tables", BEGAN))
    documents.look(progress)
    assert progress.job is None
    progress.phases.append(Phase("Compare", BEGAN))
    documents.look(progress)
    assert progress.job is None
    ended = running(status="FAILED")
    documents.look(ended)
    assert ended.job is None


def test_a_document_is_read_every_five_seconds_and_kept_between() -> None:
    bucket, times = Bucket(**{KEY: job_document()}), iter((0.0, 1.0, 5.0))
    documents = JobDocuments(environment(s3=bucket), clock=lambda: next(times))
    progress = running()
    documents.look(progress)
    bucket.objects[KEY] = job_document(phase="write")
    documents.look(progress)
    assert progress.job == read()
    documents.look(progress)

    assert progress.job == read(phase="write")


class Refusing:
    """S3 that answers with an error."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.asked = 0

    def get_object(self, **_: object) -> dict[str, Any]:
        self.asked += 1
        raise self._error


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")


def test_a_right_that_is_missing_is_told_once_and_the_following_goes_on() -> None:
    s3, times = Refusing(refusal("AccessDenied")), iter(range(0, 1000, 10))
    documents = JobDocuments(environment(s3=s3), clock=lambda: next(times))
    texts = [[change.text for change in documents.look(running())] for _ in range(3)]

    why = "may not be read: An error occurred (AccessDenied) when calling the GetObject operation: no"
    assert texts == [[f"rows are not shown, since s3://migration-test-data-971779422973/{KEY} {why}"], [], []]
    assert s3.asked == 1


@pytest.mark.parametrize(
    "error",
    [refusal("SlowDown"), EndpointConnectionError(endpoint_url="https://s3"), refusal("NoSuchKey")],
    ids=["throttled", "no network", "not written yet"],
)
def test_what_passes_is_asked_again(error: Exception) -> None:
    s3, times = Refusing(error), iter(range(0, 1000, 10))
    documents = JobDocuments(environment(s3=s3), clock=lambda: next(times))

    assert [documents.look(running()) for _ in range(3)] == [[], [], []]
    assert s3.asked == 3


def shown(progress: Progress, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(execution_table(progress, at(10), width=width))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]  # a StringIO


def test_the_picture_shows_each_table_and_the_clusters_that_are_least_far() -> None:
    progress = running()
    progress.job = read()
    wide, narrow = ([" ".join(line.split()) for line in shown(progress, width)] for width in (140, 80))

    assert f"bootstrap: read; {progress.job.words(at(10))}" in wide
    assert "Rate read 1,230,000 4,000,000 30 % 20,500 123.0 MB 2 min 15 s" in wide
    assert "BaseRate read 770,000 ~1,000,000 77 % 3,700 77.0 MB 1 min 02 s" in wide
    assert "Rate by cluster: p2 0 %, p1 11 %, 1 complete" in wide
    assert "Rate read 1.2M 4.0M 30 % 20.5k 123.0 MB 2 min 15 s" in narrow
    assert max(map(len, shown(progress, 80))) <= 80


def test_tables_that_are_done_or_have_not_begun_need_no_line() -> None:
    progress = running()
    progress.job = read(tables={"Rate": {"read": stage(9, 9, ended=True), "written": stage(0, 9, exact=False)}})

    assert not [line for line in shown(progress, 140) if line.startswith("  Rate")]


def test_lines_tell_the_progress_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=io.StringIO(), width=300)
    progress = running()
    progress.job = read(state="ended")
    seconds = 0.0
    monkeypatch.setattr("time.monotonic", lambda: seconds)
    view = LineView(console)
    for seconds in range(0, 150, 10):  # noqa: B007 - the clock reads it
        view.tick([progress])

    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # a StringIO
    assert len(lines) == 2
    assert all(line.endswith(f" so far, {progress.job.words(at(0))}") for line in lines)


def test_following_takes_in_what_the_job_says_and_has_it_in_its_document() -> None:
    class OneRunning:
        def describe_execution(self, **_: object) -> dict[str, Any]:
            return {"status": "RUNNING", "startDate": BEGAN}

        def get_execution_history(self, **_: object) -> dict[str, Any]:
            return {
                "events": [
                    {
                        "id": 1,
                        "type": "TaskStateEntered",
                        "timestamp": BEGAN,
                        "stateEnteredEventDetails": {"name": "FindSummary", "input": "{}"},
                    }
                ]
            }

    documents = JobDocuments(environment(s3=Bucket(**{KEY: job_document()})))
    view = LineView(Console(file=io.StringIO()))
    (progress,) = follow(OneRunning(), [ARN], view, limit_seconds=0, look_at_job=documents.look)

    assert progress.job == read()
    job = json.loads(json.dumps(followed(progress)["job"], default=str))
    assert (job["phase"], job["stages"][0]["table"], job["stages"][0]["clusters"]["p1"]["rows"]) == (
        "read",
        "Rate",
        230_000,
    )
