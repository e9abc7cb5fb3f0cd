"""Errors of the release build.

* ReleaseError
  - CompileError         the jobs' Java functions do not compile
  - DownloadError        a pinned JAR cannot be fetched
  - ReleaseMissingError  no release was built, or its files changed since
"""

from __future__ import annotations


class ReleaseError(Exception):
    """Base of all errors of the release build."""


class CompileError(ReleaseError):
    """The Java sources have an error or a warning, or are missing."""


class DownloadError(ReleaseError):
    """A JAR could not be downloaded, or its hash is not the pinned one."""


class ReleaseMissingError(ReleaseError):
    """The release was not built, or its files changed since."""
