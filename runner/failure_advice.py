"""Advice per failure: the steps before a person resumes the run."""

from __future__ import annotations

from typing import NamedTuple

# Failed before the run created anything: there is nothing to resume.
REFUSED = ("InvalidInput", "DomainAlreadyRunning", "DomainIsLive", "CatchUpUnfinished")


class Advice(NamedTuple):
    """The remedy for a failure; `{domain}` is replaced by the run's domain."""

    todo: str
    new_clones: bool = False  # the cause is in the clones: release them before resuming


_CATALOG = "catalog/domains/{domain}.yaml, deploy"
_ACCOUNT = "Fix what the cause names in the account"
_TABLE = "Read the cause: it names the table and the call that failed"

ADVICE: dict[str, Advice] = {
    "InvalidInput": Advice("Correct the input that the cause names, and start again"),
    "DomainAlreadyRunning": Advice("Follow the run that the cause names, and wait for its end"),
    "DomainIsLive": Advice("Leave the tables: applications write to them since the cut-over"),
    "CatchUpUnfinished": Advice("Resume the catch-up or repair that the cause names: its tables are half written"),
    "VerificationRefused": Advice(
        "Read the cause: it names the run that the tables are proven by, or what has changed"
    ),
    "BaseNotFound": Advice("Start a new official run: nothing is known of the tables that changes could begin from"),
    "RunStopped": Advice("A person stopped the run: resume it, or release its clones if nobody will"),
    # Preparation
    "RegistryFailed": Advice("See the log of the function run-registry, and fix what its error names"),
    "TeardownStuck": Advice("See which run destroys the clones: migrate status; wait for it or release them"),
    "TableAlreadyExists": Advice("Rename or delete the table that the cause names: it is not this run's"),
    "TableInUse": Advice(
        "Keep the table: its import is complete, it may hold live writes, and the run never deletes it. To import it "
        "again, a person lifts its deletion protection, renames or deletes it, and resumes the run"
    ),
    # Clones
    "CloneFailed": Advice("Look at the clone that the cause names in RDS, and delete it if it is in an end state"),
    "CloneTimedOut": Advice("Look at the clone that the cause names in RDS; resume the run when it is available"),
    "CloneTooOld": Advice("Release the clones: the run makes new ones", new_clones=True),
    "CloneNotCopyOnWrite": Advice("Delete clones of the source that the cause names: a full copy would be made"),
    "CloneNotFresh": Advice(
        "Release the clones: an official run uses only clones made since it began, or by a running official run of "
        "another domain",
        new_clones=True,
    ),
    # Spark
    "JarNotFound": Advice("Deploy the stack: it uploads the release"),
    "ReleaseChanged": Advice(
        "Start a new run. Or resume without --jar-key: the run then keeps the release that wrote its items, if that is "
        "still there"
    ),
    "SparkRoleNotFound": Advice("Deploy the stack: it makes the jobs' role"),
    "ApplicationNotFound": Advice("Deploy the stack: it makes the EMR Serverless application"),
    "BootstrapFailed": Advice(_ACCOUNT + "; docs/runbooks/job-failed.md lists the jobs' own errors"),
    "RawRowsMissing": Advice("Start a new run, or catch up: what the run landed was deleted, as after keepDays"),
    "CompareFailed": Advice(_ACCOUNT + "; docs/runbooks/job-failed.md lists the jobs' own errors"),
    "SourceNotVisible": Advice(
        "In the source cluster, let the reader see every row as the cause says: BYPASSRLS, or SELECT on the schema, "
        "the table and the columns. Clones that were made before do not have the grant",
        new_clones=True,
    ),
    "SourceNotCloned": Advice(
        "A physical clone does not carry the relation that the cause names. Make it a permanent table (or InnoDB) in "
        f"the source cluster, or take its extract out of {_CATALOG}",
        new_clones=True,
    ),
    "ColumnsNotListed": Advice(
        f"List each new column in {_CATALOG}: under `columns` to migrate it, under `left_out` to leave it out on "
        "purpose"
    ),
    # Data
    "RowsRejected": Advice(
        f"Read the reasons in the rejected rows. Correct the rows in the source, or the select in {_CATALOG}; "
        "max_rejects accepts so many"
    ),
    "RowsUnmatched": Advice(f"Correct the reference rows in the source; max_unmatched in {_CATALOG} accepts so many"),
    "RowsFiltered": Advice(
        f"The select drops driving rows. Use LEFT JOIN or take the condition out of {_CATALOG}; max_filtered accepts "
        "so many"
    ),
    "DuplicateKeys": Advice(
        f"Correct the key in {_CATALOG}, or say which row stays: on_duplicate_key: {{{{latest: …}}}}"
    ),
    "KeysCollide": Advice(
        f"Different source keys became one item key. Make the key's expression injective in {_CATALOG}; "
        "accept_collisions: true accepts it"
    ),
    "EmptyTable": Advice(f"See why the source has no rows; allow_empty: true in {_CATALOG} accepts it"),
    # Tables
    "UnexpectedObjects": Advice("Delete the objects that the cause names: ImportTable reads everything below a prefix"),
    "ImportFailed": Advice(_TABLE + "; the import's log in CloudWatch names the items"),
    "ImportCountMismatch": Advice("Find out what else wrote to the prefix or the table during the run"),
    "TableSettingsFailed": Advice(_TABLE),
    "StreamNotActive": Advice("Wait until the stream that the cause names is ACTIVE, or deploy the stack"),
    "StreamEnableFailed": Advice("Read the cause: it names the stream and what DynamoDB said"),
    "ExportFailed": Advice(_TABLE),
    "ExportCountMismatch": Advice("Find out what else wrote to the table during the run; do not use the table"),
    "DataMismatch": Advice("Do not use the tables: find out why the values differ before anything else"),
    # Changes
    "DeltaFailed": Advice(_ACCOUNT + "; docs/runbooks/job-failed.md lists the jobs' own errors"),
    "TooManyDeletions": Advice(
        "See why the source lost so many rows; --max-delete-percent, or max_delete_percent in "
        "catalog/domains/{domain}.yaml, accepts them"
    ),
    "TooManyChanges": Advice(
        "See why so many rows differ; --max-change-percent, or max_change_percent in catalog/domains/{domain}.yaml, "
        "accepts them"
    ),
    "ApplyFailed": Advice("See the log of the function table-writer: what is written stays, and a resume continues"),
    "WritersFound": Advice("Find out who else writes to the table that the cause names, stop them, and repair the run"),
    "TableReplaced": Advice("Find out who replaced the table that the cause names: its items are not those known"),
    # Clean-up
    "LockLost": Advice("Find the run that holds the domain now: migrate status"),
    "NotAClone": Advice("Nothing was destroyed. Look at the tags of the cluster that the cause names"),
    "DestroyFailed": Advice("The data match; fix what the cause names, so that the clone can be destroyed"),
    "DestroyTimedOut": Advice("The data match; look at the clone in RDS, and resume the run when it is gone"),
}


def advice(error: str, domain: str) -> Advice:
    """Return the remedy for a failure; the default is to fix the cause and resume."""
    known = ADVICE.get(error, Advice("Fix what the cause names"))
    return known._replace(todo=known.todo.format(domain=domain))
