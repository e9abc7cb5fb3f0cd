"""Errors of the release's build.

* ReleaseError
  - CompileError         the jobs' Java functions do not compile
  - DownloadError        a pinned JAR cannot be fetched
  - ReleaseMissingError  there is no release to upload, or its files are not those that were built
"""

from __future__ import annotations


class ReleaseError(Exception):
    """Base of all errors of the release's build."""


class CompileError(ReleaseError):
    """The Java sources have an error or a warning, or are not there."""


class DownloadError(ReleaseError):
    """A JAR could not be downloaded, or is not the pinned one."""


class ReleaseMissingError(ReleaseError):
    """The release was not built, or was changed after it was built."""
