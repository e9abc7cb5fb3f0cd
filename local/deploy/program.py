"""Run the Pulumi program without its engine: its resources go to handlers that create them in the embedded AWS.

It runs as Pulumi's own executor runs it; what is declared is created, and its exports come back. There is no state, so
nothing is updated or deleted. The default provider is not seen by mocks, so the allowed account is checked here.
"""

from __future__ import annotations

import asyncio
import contextvars
import runpy
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi.runtime import rpc, run_in_stack, set_all_config, set_mocks, settings
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks

from local.deploy import handlers
from local.deploy.config import allowed_account, project_name, stack_config
from local.errors import DeployError

if TYPE_CHECKING:
    from local.deploy.cloud import Cloud

_PROGRAM = Path("__main__.py")
_STACK = "pulumi:pulumi:Stack"


class Deployment:
    """What a deployment made: every resource by URN, and the stack's exports."""

    def __init__(self, outputs: dict[str, Any], resources: dict[str, str]) -> None:
        self.outputs = outputs
        self.resources = resources


class _Provider(Mocks):
    """Creates each declared resource in the embedded AWS."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Create the resource and return its id and computed properties."""
        if not args.custom or args.typ.startswith("pulumi:providers:"):
            return args.name, args.inputs
        handler = handlers.HANDLERS.get(args.typ)
        if handler is None:
            raise DeployError(f"{args.typ} ({args.name}) cannot be made in the embedded AWS; add it to local/deploy")
        identifier, computed = handler(self._cloud, args.name, unwrap(args.inputs))
        return identifier, {**args.inputs, **computed}

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """Answer a data source."""
        source = handlers.SOURCES.get(args.token)
        if source is None:
            raise DeployError(f"{args.token} cannot be asked in the embedded AWS; add it to local/deploy")
        return source(self._cloud, unwrap(args.args)), []


class _Monitor(MockMonitor):
    """Sees what mocks do not: equal URNs, and the stack's exports."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.kinds: dict[str, str] = {}
        self.outputs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's interface
        urn = self.make_urn(request.parent, request.type, request.name)
        with self._lock:
            # The stack is registered by set_mocks, and again by run_in_stack.
            if urn in self.kinds and request.type != _STACK:
                raise DeployError(f"two resources have the URN {urn}")
            self.kinds[urn] = request.type
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # pulumi's

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the engine's interface
        with self._lock:
            self.outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]  # pulumi's


def deploy(cloud: Cloud, stack: str) -> Deployment:
    """Deploy the program's stack.

    Raises:
        DeployError: The account is not the stack's, or a resource is unknown here.
    """
    config = stack_config(stack)
    account = cloud.client("sts").get_caller_identity()["Account"]
    if account != allowed_account(config, stack):
        raise DeployError(f"this is account {account}, but Pulumi.{stack}.yaml allows {allowed_account(config, stack)}")
    monitor = _Monitor(_Provider(cloud))
    contextvars.copy_context().run(_run, monitor, stack, config)
    root = next(urn for urn, kind in monitor.kinds.items() if kind == _STACK)
    return Deployment(unwrap(monitor.outputs.get(root, {})), monitor.kinds)


def unwrap(value: Any) -> Any:
    """Return a value without the marks of secrets."""
    if rpc.is_rpc_secret(value):
        return unwrap(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: unwrap(item) for key, item in value.items()}
    return [unwrap(item) for item in value] if isinstance(value, list) else value


def _run(monitor: _Monitor, stack: str, config: dict[str, str]) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    before = set(sys.modules)
    try:
        set_all_config(config, [])
        # What an earlier, failed run left behind would be awaited on its closed loop.
        settings.SETTINGS.outputs = set()
        settings.SETTINGS.lock = threading.Lock()
        settings.set_root_resource(None)  # type: ignore[arg-type]  # pulumi starts with None
        set_mocks(monitor.mocks, project=project_name(), stack=stack, preview=False, monitor=monitor)
        # The stack that set_mocks made is finished already; run_in_stack makes one whose exports are seen.
        settings.set_root_resource(None)  # type: ignore[arg-type]  # pulumi starts with None
        loop.run_until_complete(_program())
    finally:
        for name in set(sys.modules) - before:
            if name.split(".")[0] == "infra":
                del sys.modules[name]  # a second deployment declares anew
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
