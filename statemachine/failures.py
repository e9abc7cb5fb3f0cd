"""The names a migration can fail by: what an operator reads first."""

from __future__ import annotations

# Classes of a job's error that are failures of their own; any other is BootstrapFailed or CompareFailed.
JOB_ERRORS = (
    "ReleaseChanged",
    "SourceNotVisible",
    "SourceNotCloned",
    "ColumnsNotListed",
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
# Recorded in the domain's status, which then keeps the clones for the next try.
RECORDED = (
    "RegistryFailed",
    "TeardownStuck",
    "TableAlreadyExists",
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
    "UnexpectedObjects",
    "TableInUse",
    "ImportFailed",
    "ImportCountMismatch",
    "TableSettingsFailed",
    "StreamNotActive",
    "StreamEnableFailed",
    "ExportFailed",
    "ExportCountMismatch",
    "CompareFailed",
    "DataMismatch",
    "LockLost",
    "NotAClone",
    "DestroyFailed",
    "DestroyTimedOut",
)
# Refused before anything is touched: never recorded.
REFUSED = ("InvalidInput", "DomainAlreadyRunning")
