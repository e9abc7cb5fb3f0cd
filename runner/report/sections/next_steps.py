"""What to do next after a run, each step with its command and the page that says more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from runner import links
from runner.failure_advice import REFUSED, advice
from runner.runbooks import section_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]
_GUIDE = "docs/cut-over.md"
_REHEARSED, _CATCH_UPS = "1-before-the-official-run", "2-the-official-run-and-the-catch-ups"
_SWITCH, _WAY_BACK = "3-the-switch", "4-the-way-back"
# What a repair makes good: the tables hold something else than the clones, and the clones are still there.
_REPAIRABLE = ("DataMismatch", "WritersFound")


class _Step(NamedTuple):
    what: str
    command: str | None = None
    page: str | None = None  # a path in the repository, with an anchor


def next_steps(document: Document, repository: str = "") -> list[Document]:
    """Return what can be done next; `link` is a page of the repository at GitHub, or its path in the repository."""
    return [
        {
            "what": step.what,
            "command": step.command,
            "link": step.page and links.repository_page(step.page, repository),
        }
        for step in _steps(document)
    ]


def _steps(document: Document) -> Iterator[_Step]:
    failure = document["failure"]
    if document["status"] == "RUNNING":
        yield _Step("Watch it", f"migrate follow {document['attempts'][-1]['arn']}")
        return
    if any(table["differences"]["total"] for table in document["tables"]):
        yield _Step(
            f"Look at the differences; all of them are below {document['places']['differences']}",
            f"migrate report {document['run']['id']} {_environment(document)} --differences differences.csv",
        )
    if failure and failure["error"] not in REFUSED:
        yield from _after_failure(document)
    elif failure:
        page = f"{links.RUNBOOK}#{section_of(failure['error'])}"
        yield _Step(advice(failure["error"], document["run"]["domain"]).todo, None, page)
        yield _Step("Nothing was touched, and nothing is left to clean up after this run")
        return
    elif document["verdict"] == "MATCH":
        yield from _after_match(document)
    remains = document["remains"]
    released = failure is not None and advice(failure["error"], document["run"]["domain"]).new_clones
    if remains["clones"] and not released and not any(lock["state"] == "RUNNING" for lock in remains["heldBy"]):
        yield _Step("Release the clones if nobody resumes the run; it asks first", _release(document))


def _after_failure(document: Document) -> Iterator[_Step]:
    run, error = document["run"], document["failure"]["error"]
    known = advice(error, run["domain"])
    yield _Step(known.todo, None, f"{links.RUNBOOK}#{section_of(error)}".rstrip("#"))
    if known.new_clones:
        yield _Step("Release the clones; it shows what it would destroy and asks first", _release(document))
    if error in _REPAIRABLE:
        yield _Step(
            "Or make the tables equal to the clones of this run, and prove them again",
            f"migrate repair {run['id']} {_environment(document)}",
            f"{_GUIDE}#{_CATCH_UPS}",
        )
    yield _Step(
        "Resume the run when the cause is fixed; what it has done is not done again",
        f"migrate resume {run['id']} {_environment(document)}",
    )


def _after_match(document: Document) -> Iterator[_Step]:
    run, live = document["run"], document["state"]["live"]
    target = f"{_environment(document)} --domain {run['domain']}"
    if live:
        yield _Step(
            "Nothing: the tables are live, and this system never writes to them again. Keep what the way back needs",
            None,
            f"{_GUIDE}#{_WAY_BACK}",
        )
    elif run["mode"] == "rehearsal":
        yield _Step(
            "Let the owner of the application accept this report, and test against the rehearsal's tables",
            None,
            f"{_GUIDE}#{_REHEARSED}",
        )
        yield _Step(
            "Run it officially: the tables get their own names, and their streams",
            f"migrate start {target} --mode official",
        )
    else:
        again = "again, as often as you want: each is smaller" if run["kind"] == "catch-up" else "until the switch"
        yield _Step(
            f"Catch up with what the application writes to the clusters, {again}",
            f"migrate catch-up {target}",
            f"{_GUIDE}#{_CATCH_UPS}",
        )
        yield _Step(
            "Switch: stop the writers, run the last catch-up, and when it matches cut the domain over",
            f"migrate cut-over {target}",
            f"{_GUIDE}#{_SWITCH}",
        )


def _environment(document: Document) -> str:
    return f"--environment {document['run']['environment']}"


def _release(document: Document) -> str:
    return f"migrate release-clones {_environment(document)}"
