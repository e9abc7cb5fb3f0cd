"""The names a migration can fail by: what an operator reads first."""

from __future__ import annotations

# Recorded in the domain's status, which then keeps the clones for the next try.
RECORDED = (
    "RegistryFailed",
    "TeardownStuck",
    "TableAlreadyExists",
    "CloneFailed",
    "CloneTimedOut",
    "CloneTooOld",
    "CloneNotCopyOnWrite",
    "JarNotFound",
    "SparkRoleNotFound",
    "ApplicationNotFound",
    "BootstrapFailed",
    "RowsRejected",
    "RowsUnmatched",
    "DuplicateKeys",
    "EmptyTable",
    "UnexpectedObjects",
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
