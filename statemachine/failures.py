"""The names a migration can fail by: what an operator reads first."""

from __future__ import annotations

# Classes of a job's error that are failures of their own; any other is BootstrapFailed or CompareFailed.
JOB_ERRORS = (
    "ReleaseChanged",
    "SourceNotVisible",
    "SourceNotCloned",
    "ColumnsNotListed",
    "RawRowsMissing",
)
# What Bootstrap's summary may give as its failure: the job ended well, but its data must not be imported.
SUMMARY_FAILURES = (
    "RowsRejected",
    "RowsUnmatched",
    "RowsFiltered",
    "DuplicateKeys",
    "KeysCollide",
    "EmptyTable",
)
# Classes of the Delta job's error that are failures of their own; any other is DeltaFailed.
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
# Recorded in the domain's status, which then keeps the clones for the next try.
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
# Those that a catch-up or a repair records.
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
# Refused before anything is touched: never recorded.
REFUSED = ("InvalidInput", "DomainAlreadyRunning", "DomainIsLive", "CatchUpUnfinished")
