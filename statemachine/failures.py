"""Names of a migration's failures, which an operator reads first."""

from __future__ import annotations

# Error classes of a job that are failures of their own; any other is BootstrapFailed or CompareFailed.
JOB_ERRORS = (
    "ReleaseChanged",
    "SourceNotVisible",
    "SourceNotCloned",
    "ColumnsNotListed",
    "RawRowsMissing",
)
# Failures in Bootstrap's summary: the job succeeded, but its data must not be imported.
SUMMARY_FAILURES = (
    "RowsRejected",
    "RowsUnmatched",
    "RowsFiltered",
    "DuplicateKeys",
    "KeysCollide",
    "EmptyTable",
)
# Error classes of the Delta job that are failures of their own; any other is DeltaFailed.
DELTA_ERRORS = ("ReleaseChanged", "BaseNotFound", "TooManyDeletions", "TooManyChanges")
_BEGINNING = ("RegistryFailed", "TeardownStuck")
_CLONING = (
    "CloneFailed",
    "CloneTimedOut",
    "CloneTooOld",
    "CloneNotFresh",
    "CloneNotCopyOnWrite",
    "JarNotFound",
    "SparkRoleNotFound",
    "ApplicationNotFound",
    "BootstrapFailed",
    *JOB_ERRORS,
    *SUMMARY_FAILURES,
)
_ENDING = (
    "ExportFailed",
    "ExportCountMismatch",
    "CompareFailed",
    "DataMismatch",
    "LockLost",
    "NotAClone",
    "DestroyFailed",
    "DestroyTimedOut",
)
# Recorded in the domain's status, which then keeps the clones for the next attempt.
RECORDED = (
    *_BEGINNING,
    "VerificationRefused",
    "TableReplaced",
    "TableAlreadyExists",
    *_CLONING,
    "UnexpectedObjects",
    "TableInUse",
    "ImportFailed",
    "ImportCountMismatch",
    "TableSettingsFailed",
    "StreamNotActive",
    "StreamEnableFailed",
    *_ENDING,
)
# The failures that a catch-up or a repair records.
CATCH_UP_RECORDED = (
    *_BEGINNING,
    "BaseNotFound",
    "DomainIsLive",
    "TableReplaced",
    *_CLONING,
    "DeltaFailed",
    "TooManyDeletions",
    "TooManyChanges",
    "ApplyFailed",
    "WritersFound",
    *_ENDING,
)
# Refused before the run touches anything, so never recorded.
REFUSED = ("InvalidInput", "DomainAlreadyRunning", "DomainIsLive", "CatchUpUnfinished")
