"""Property tests draw the same examples in every run; `make test-random` draws new ones."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader
from hypothesis import settings

settings.register_profile("fixed", derandomize=True, database=None)
settings.register_profile("random", derandomize=False, print_blob=True)
settings.load_profile("fixed")

_read = JSONFileLoader().load_file


@cache
def _load(path: str) -> Any:  # noqa: ANN401 - what a file of botocore holds
    return _read(path)


# Each session of boto3 parses the endpoints and its services' models anew, which takes a client half a second.
JSONFileLoader.load_file = lambda _loader, path: _load(path)
