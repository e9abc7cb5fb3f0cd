"""Botocore's files, parsed once: each session of boto3 parses the endpoints and its services' models anew.

A client takes half a second of a core otherwise.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import moto
from botocore.loaders import JSONFileLoader

from local.aws.seams import replace

_read = JSONFileLoader().load_file


def install() -> None:
    """Let every session of this process share what it reads."""
    replace(JSONFileLoader, "load_file", lambda _loader, path: _load(path))


def _load(path: str) -> Any:
    """Return what a file holds, parsed once; what moto would change is read anew, since others must not see it."""
    service, kind = Path(path).parent.parent.name, Path(path).name
    return _read(path) if _has_extras(service, kind) else _shared(path)


@cache
def _shared(path: str) -> Any:
    return _read(path)


@cache
def _has_extras(service: str, kind: str) -> bool:
    """Return whether moto adds to what botocore knows of a service, in place."""
    return any((Path(moto.__file__).parent / service.replace("-", "")).glob(f"*/{kind}.moto-extras.json*"))
