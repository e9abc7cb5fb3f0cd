"""The Pulumi program: the parts of a stack in the order in which they are created."""

from __future__ import annotations

import pulumi

from infra import stack
from infra.inputs import read_inputs

inputs = read_inputs()
foundation = stack.create_foundation(inputs)
artifacts = stack.create_artifacts(inputs, foundation)
network = stack.create_network(inputs)
spark = stack.create_spark(inputs, foundation, network)
functions = stack.create_functions(inputs, foundation, network, spark)
machines = stack.create_machines(inputs, foundation, artifacts, spark, functions)
streams = stack.create_streams(inputs)
observability = stack.create_observability(inputs, foundation, spark, functions, machines, streams)
access = stack.create_access(inputs, foundation, spark)

for name, value in stack.outputs(foundation, spark, machines, observability, access).items():
    pulumi.export(name, value)
