"""Runs of the Pulumi program without Pulumi's engine: a provider gets the declared resources, the caller the exports.

The program runs as Pulumi's own executor runs it. There is no state, so nothing is updated or deleted. Mocks do not
see the default provider, so the allowed account is checked where resources are really created.
"""

from __future__ import annotations

import asyncio
import contextvars
import runpy
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.runtime import rpc, run_in_stack, set_all_config, set_mocks, settings
from pulumi.runtime.mocks import MockMonitor, Mocks

from local.deploy.config import project_name
from local.errors import DeployError

_PROGRAM = Path("__main__.py")
_STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A resource that the program declared."""

    urn: str
    kind: str
    name: str
    custom: bool  # False: a component
    parent: str
    inputs: dict[str, Any]
    depends_on: list[str]
    protect: bool
    retain_on_delete: bool


class Deployment:
    """The declared resources of a run of the program, by URN, and the stack's exports."""

    def __init__(self, outputs: dict[str, Any], resources: dict[str, Declared]) -> None:
        self.outputs = outputs
        self.resources = resources


class _Monitor(MockMonitor):
    """A monitor that records what mocks do not see: equal URNs, protection, dependencies and the stack's exports."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.declared: dict[str, Declared] = {}
        self.outputs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's interface
        urn = self.make_urn(request.parent, request.type, request.name)
        declared = Declared(
            urn=urn,
            kind=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            inputs=unwrap(rpc.deserialize_properties(request.object)),
            depends_on=sorted(request.dependencies),
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
        )
        with self._lock:
            # Both set_mocks and run_in_stack register the stack.
            if urn in self.declared and request.type != _STACK:
                raise DeployError(f"two resources have the URN {urn}")
            self.declared[urn] = declared
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # pulumi's

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the engine's interface
        with self._lock:
            self.outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]  # pulumi's


def run_program(provider: Mocks, stack: str, config: dict[str, str], *, preview: bool = False) -> Deployment:
    """Run the program for a stack; in a preview AWS's answers are unknown to it."""
    monitor = _Monitor(provider)
    contextvars.copy_context().run(_run, monitor, stack, config, preview)
    root = next(urn for urn, declared in monitor.declared.items() if declared.kind == _STACK)
    return Deployment(unwrap(monitor.outputs.get(root, {})), monitor.declared)


def unwrap(value: Any) -> Any:
    """Return a value without Pulumi's marks of secrets."""
    if rpc.is_rpc_secret(value):
        return unwrap(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: unwrap(item) for key, item in value.items()}
    return [unwrap(item) for item in value] if isinstance(value, list) else value


def _run(monitor: _Monitor, stack: str, config: dict[str, str], preview: bool) -> None:  # noqa: FBT001 - Context.run passes it
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    before = set(sys.modules)
    try:
        set_all_config(config, [])
        # Otherwise the tasks of an earlier, failed run would be awaited on its closed loop.
        settings.SETTINGS.rpc_manager.clear()
        settings.SETTINGS.outputs = set()
        settings.SETTINGS.lock = threading.Lock()
        settings.set_root_resource(None)  # type: ignore[arg-type]  # pulumi starts with None
        set_mocks(monitor.mocks, project=project_name(), stack=stack, preview=preview, monitor=monitor)
        # The stack of set_mocks is finished already; run_in_stack creates another one and records its exports.
        settings.set_root_resource(None)  # type: ignore[arg-type]  # pulumi starts with None
        loop.run_until_complete(_program())
    finally:
        for name in set(sys.modules) - before:
            if name.split(".")[0] == "infra":
                del sys.modules[name]  # so that the next deployment declares its resources again
        _close(loop)


async def _program() -> None:
    def program() -> None:
        runpy.run_path(str(_PROGRAM), run_name="__main__")

    await run_in_stack(program)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    left = [task for task in asyncio.all_tasks(loop) if not task.done()]
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    asyncio.set_event_loop(None)
