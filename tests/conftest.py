"""Property tests use the same examples in every run; `make test-random` draws new ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import moto
from botocore.loaders import JSONFileLoader
from hypothesis import settings

settings.register_profile("fixed", derandomize=True, database=None)
settings.register_profile("random", derandomize=False, print_blob=True)
settings.load_profile("fixed")

_read = JSONFileLoader().load_file


@cache
def _shared(path: str) -> Any:  # noqa: ANN401 - what a file of botocore holds
    return _read(path)


@cache
def _has_extras(service: str, kind: str) -> bool:
    """Return whether moto adds to botocore's model of a service in place."""
    return any((Path(moto.__file__).parent / service.replace("-", "")).glob(f"*/{kind}.moto-extras.json*"))


def _load(path: str) -> Any:  # noqa: ANN401 - what a file of botocore holds
    """Return a file's parsed content from a cache; content that moto changes is parsed each time."""
    service, kind = Path(path).parent.parent.name, Path(path).name
    return _read(path) if _has_extras(service, kind) else _shared(path)


# Each session of boto3 parses the endpoints and its services' models anew, which takes a client half a second.
JSONFileLoader.load_file = lambda _loader, path: _load(path)
