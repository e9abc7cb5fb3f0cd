"""What a reader needs first: how it went in one sentence, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.failure_advice import REFUSED, advice
from runner.job_progress import JOBS
from runner.words import BAD_CLASSES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]


def headline(document: Document, source: str = "the clones") -> str:
    """Return how the run went, in a sentence or two; `source` is what DynamoDB was compared with."""
    verdict, status, failure = document["verdict"], document["status"], document["failure"]
    if status == "RUNNING":
        return _going_on(document)
    if verdict == "MISMATCH":
        parts = (_differ(document, source), _disputed(document), _newest_failure(failure))
        return " ".join(part for part in parts if part)
    if failure:
        during = f" in the phase {failure['phase']}" if failure["phase"] else ""
        return f"The run {STATUSES.get(status, status)}{during}: {failure['error']}. {_compared(document, source)}"
    return _compared(document, source)


def _going_on(document: Document) -> str:
    phases = document["attempts"][-1]["phases"]
    if not phases:
        return "The run has just been started."
    phase = phases[-1]["name"]
    summary = next((job["summary"] for job in document["progress"] if job["job"] == JOBS.get(phase)), "")
    return f"The run goes on, in the phase {phase}" + (f": {summary}." if summary else ".")


def _compared(document: Document, source: str) -> str:
    if document["verdict"] == "NONE":
        return "Nothing was compared: there is no verdict."
    counts = [table["counts"] for table in document["tables"] if table["counts"]["compared"] is not None]
    expired = sum(found["expired"] for found in counts)
    told = f"All {sum(found['matched'] for found in counts):,} items of {_tables(len(counts))} are the same "
    told += f"in {source} and in DynamoDB"
    return f"{told}; {expired:,} more had expired." if expired else f"{told}."


def _differ(document: Document, source: str) -> str:
    differing = [table for table in document["tables"] if table["verdict"] == "MISMATCH"]
    bad = sum(table["counts"][kind] for table in differing for kind in BAD_CLASSES)
    compared = sum(table["counts"]["compared"] or 0 for table in document["tables"])
    if not bad:
        return ""
    tables = sum(any(table["counts"][kind] for kind in BAD_CLASSES) for table in differing)
    verb = "differs" if bad == 1 else "differ"
    return f"{bad:,} of {compared:,} items {verb} between {source} and DynamoDB, in {_tables(tables)}."


def _disputed(document: Document) -> str:
    """Return what the witness disputes, which makes a verdict MISMATCH by itself."""
    witness = document["witness"]
    if not witness or not witness["differences"]:
        return ""
    differ = "1 differs" if witness["differences"] == 1 else f"{witness['differences']:,} differ"
    return f"Of {witness['sampled'] or 0:,} rows that the witness read another way, {differ}."


def _newest_failure(failure: Document | None) -> str:
    """Return what the newest attempt failed with, where it is not the difference itself."""
    if failure is None or failure["error"] == "DataMismatch":
        return ""
    return f"The newest attempt failed before it compared: {failure['error']}."


def _tables(count: int) -> str:
    return "1 table" if count == 1 else f"{count:,} tables"


def next_steps(document: Document) -> list[Document]:
    """Return what can be done next, each with its command where there is one."""
    return [{"what": what, "command": command} for what, command in _steps(document)]


def _steps(document: Document) -> Iterator[tuple[str, str | None]]:
    run, failure = document["run"], document["failure"]
    place = f"--environment {run['environment']}"
    if document["status"] == "RUNNING":
        yield "Watch it", f"migrate follow {document['attempts'][-1]['arn']}"
        return
    if any(table["differences"]["total"] for table in document["tables"]):
        yield f"Look at the differences, which lie as Parquet below {document['places']['differences']}", None
    if failure and failure["error"] not in REFUSED:
        known = advice(failure["error"], run["domain"])
        yield known.todo, None
        if known.new_clones:
            yield "Release the clones; it shows what it would destroy and asks first", _release(place)
        yield (
            "Resume the run when the cause is fixed; what it has done is not done again",
            f"migrate resume {run['id']} {place}",
        )
    elif failure:
        yield "Nothing was touched, and nothing is left to clean up after this run", None
    elif run["mode"] == "rehearsal" and document["verdict"] == "MATCH":
        yield (
            "Run it officially: the tables get their own names, and their streams",
            f"migrate start {place} --domain {run['domain']} --mode official",
        )
    elif document["verdict"] == "MATCH":
        yield (
            "Catch up with the changes until the application switches, then cut the domain over: docs/cut-over.md",
            f"migrate cut-over {place} --domain {run['domain']}",
        )
    remains = document["remains"]
    released = failure is not None and advice(failure["error"], run["domain"]).new_clones
    if remains["clones"] and not released and not any(lock["state"] == "RUNNING" for lock in remains["heldBy"]):
        yield "Release the clones if nobody resumes the run; it asks first", _release(place)


def _release(place: str) -> str:
    return f"migrate release-clones {place}"
