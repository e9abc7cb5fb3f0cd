"""A provider plugin for Pulumi's engine, which creates resources with the handlers of local/deploy.

It replaces pulumi-resource-aws, which is not built here. Like that plugin, it refuses an account that the stack file
does not allow, removes nothing silently, and answers data sources.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent import futures
from importlib.metadata import version
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from local.deploy import handlers
from local.deploy.cloud import Cloud
from local.deploy.engine import unwrap

if TYPE_CHECKING:
    from collections.abc import Mapping

_MESSAGE_BYTES = 400 * 1024 * 1024  # the engine's limit
_VERSION = version("pulumi_aws")


class _Account:
    """The embedded AWS, as the environment names it."""

    def __init__(self, region: str) -> None:
        session: Any = boto3.session.Session(region_name=region)
        self._session = session
        self._lock = threading.Lock()
        account = session.client("sts").get_caller_identity()["Account"]
        self.active = SimpleNamespace(account=account, region=region)

    def client(self, service: str) -> Any:
        """Return a client of a service; making one is not safe in several threads."""
        with self._lock:
            return self._session.client(service)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The service that the engine calls."""

    def __init__(self) -> None:
        self._cloud: Any = None

    def Handshake(self, _request: Any, _context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=False, accept_resources=False)

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=_VERSION)

    def CheckConfig(self, request: Any, _context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, _request: Any, _context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        settings = {name.rpartition(":")[2]: value for name, value in request.variables.items()}
        self._cloud = Cloud(_Account(settings["region"]))  # type: ignore[arg-type]  # what handlers use of it
        if self._cloud.account not in settings["allowedAccountIds"]:
            context.abort(grpc.StatusCode.UNKNOWN, f"AWS account ID not allowed: {self._cloud.account}")
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True, acceptResources=False)

    def Check(self, request: Any, _context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, _context: Any) -> Any:
        old, new = json_format.MessageToDict(request.old_inputs), json_format.MessageToDict(request.news)
        changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        kinds = provider_pb2.DiffResponse
        return kinds(changes=kinds.DIFF_SOME if changed else kinds.DIFF_NONE, diffs=changed)

    def Create(self, request: Any, context: Any) -> Any:
        kind, name = _kind_and_name(request.urn)
        handler = handlers.HANDLERS.get(kind)
        if handler is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{kind} ({name}) has no handler")
            raise AssertionError
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=request.properties)
        inputs = unwrap(rpc.deserialize_properties(request.properties))
        identifier, computed = handler(self._cloud, name, inputs)
        return provider_pb2.CreateResponse(id=identifier, properties=_with(request.properties, computed))

    def Read(self, request: Any, _context: Any) -> Any:
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: Any, _context: Any) -> Any:
        """Keep what was made and take the new inputs: the embedded AWS has no updates."""
        merged = _with(request.olds, {})
        merged.update(request.news)
        return provider_pb2.UpdateResponse(properties=merged)

    def Delete(self, _request: Any, _context: Any) -> Any:
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        source = handlers.SOURCES.get(request.tok)
        if source is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{request.tok} cannot be asked")
            raise AssertionError
        try:
            answer = source(self._cloud, unwrap(rpc.deserialize_properties(request.args)))
        except Exception as error:  # noqa: BLE001 - the engine shows whatever it was
            reason = f"{request.tok}: 1 error occurred:\n\t* {error}\n\n"
            return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(reason=reason)])
        return provider_pb2.InvokeResponse(**{"return": _with(struct_pb2.Struct(), answer)})

    def Cancel(self, _request: Any, _context: Any) -> Any:
        return empty_pb2.Empty()


def _kind_and_name(urn: str) -> tuple[str, str]:
    _, _, kinds, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    return kinds.rpartition("$")[2], name


def _with(properties: Any, computed: Mapping[str, Any]) -> Any:
    made = struct_pb2.Struct()
    made.CopyFrom(properties)
    made.update(dict(computed))
    return made


def main() -> None:
    """Serve until the engine goes, and say the port as plugins do."""
    limits = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=limits)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    os.close(1)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
