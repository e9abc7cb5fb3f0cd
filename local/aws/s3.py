"""S3: conditional writes that are atomic.

moto looks at the condition and then writes, without a lock between: now and then two of sixteen writers win.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from moto.s3.responses import S3Response

from local.aws.seams import replace

if TYPE_CHECKING:
    from collections.abc import Callable

_lock = threading.RLock()


def install() -> None:
    """Let one writer at a time look and write."""
    for name in ("put_object", "delete_object"):
        replace(S3Response, name, _locked(getattr(S3Response, name)))


def _locked(method: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: object, **named: object) -> Any:  # noqa: ANN401 - moto's answer
        with _lock:
            return method(*arguments, **named)

    return call
