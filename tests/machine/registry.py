"""Adds to the deployed registry what it does not answer yet: the proven state, and that a run begins to write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from run_registry.service import RunRegistry

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTION = "run-registry"


class Registry:
    """The deployed registry, and around it the documents of `proven/`."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    @staticmethod
    def is_needed() -> bool:
        """Say whether the deployed registry lacks the operation."""
        return not hasattr(RunRegistry, "change")

    def __call__(self, event: dict[str, Any], deployed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Answer one event."""
        mode = event.get("mode") or event.get("proven", {}).get("mode", "official")
        if event["operation"] == "begin":
            base, lock = self._base(event["domain"], mode), self._document(f"status/in-progress/{event['domain']}.json")
            if base and lock and base["changing"] == lock["run"] != event["run"] and lock["state"] == "FAILED":
                return {"status": "UNFINISHED", "holder": {"run": lock["run"]}}
        if event["operation"] == "change":
            for kept in ("official", "rehearsal"):
                base = self._base(event["domain"], kept)
                if base and self._held == (event["domain"], kept):
                    self._write(event["domain"], kept, {**base, "changing": event["run"]})
            return {"status": "CHANGING"}
        if event["operation"] == "finish" and "proven" in event:
            self._write(event["domain"], mode, {"version": 1, "changing": "", **event["proven"]})
        answer = deployed()
        if event["operation"] == "begin" and answer.get("status") == "OWNED" and event.get("kind") == "catch-up":
            self._held = (event["domain"], mode)
            base = self._base(*self._held)
            if base is None or base["changing"] not in ("", event["run"]):
                return {"status": "NO_BASE", "reason": "no run matched yet"}
            return {**answer, "base": base}
        return answer

    def _base(self, domain: str, mode: str) -> dict[str, Any] | None:
        return self._document(f"proven/{domain}/{mode}.json")

    def _document(self, key: str) -> dict[str, Any] | None:
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=key)
        except self._s3.exceptions.NoSuchKey:
            return None
        return dict(json.loads(found["Body"].read()))

    def _write(self, domain: str, mode: str, document: dict[str, Any]) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=f"proven/{domain}/{mode}.json", Body=json.dumps(document))
