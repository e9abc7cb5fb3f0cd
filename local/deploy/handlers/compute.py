"""Functions, the Spark application, streams and state machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.deploy.archives import content
from local.deploy.cloud import tag_list, with_integers

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy.cloud import Cloud, Inputs, Made


def _function(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    function = inputs.get("name", name)
    made = cloud.client("lambda").create_function(
        FunctionName=function,
        Role=inputs["role"],
        Runtime=inputs["runtime"],
        Handler=inputs["handler"],
        Timeout=int(inputs["timeout"]),
        MemorySize=int(inputs["memorySize"]),
        Code={"ZipFile": content(inputs["code"])},
        Environment={"Variables": inputs["environment"]["variables"]},
        Tags=inputs.get("tags") or {},
    )
    return function, {"arn": made["FunctionArn"], "name": function}


def _alias(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    alias = inputs.get("name", name)
    made = cloud.client("lambda").create_alias(
        Name=alias,
        FunctionName=inputs["functionName"],
        FunctionVersion=inputs["functionVersion"],
        Description=inputs.get("description", ""),
    )
    return f"{inputs['functionName']}/{alias}", {"arn": made["AliasArn"]}


def _application(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    application = inputs.get("name", name)
    made = cloud.client("emr-serverless").create_application(
        name=application,
        type=inputs["type"].upper(),
        releaseLabel=inputs["releaseLabel"],
        maximumCapacity=inputs["maximumCapacity"],
        autoStartConfiguration=inputs["autoStartConfiguration"],
        autoStopConfiguration=with_integers(inputs["autoStopConfiguration"]),
        schedulerConfiguration=with_integers(inputs["schedulerConfiguration"]),
        networkConfiguration=inputs["networkConfiguration"],
        monitoringConfiguration=_monitoring(inputs["monitoringConfiguration"]),
        tags=inputs.get("tags") or {},
    )
    return made["applicationId"], {"arn": made["arn"], "name": application}


def _monitoring(inputs: Inputs) -> Inputs:
    cloudwatch, s3 = inputs["cloudwatchLoggingConfiguration"], inputs["s3MonitoringConfiguration"]
    return {
        "cloudWatchLoggingConfiguration": {
            "enabled": cloudwatch["enabled"],
            "logGroupName": cloudwatch["logGroupName"],
            "logTypes": {entry["name"]: entry["values"] for entry in cloudwatch["logTypes"]},
        },
        "s3MonitoringConfiguration": {"logUri": s3["logUri"], "encryptionKeyArn": s3["encryptionKeyArn"]},
    }


def _stream(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    stream = inputs.get("name", name)
    kinesis = cloud.client("kinesis")
    mode = inputs["streamModeDetails"]["streamMode"]
    shards = {"ShardCount": int(inputs["shardCount"])} if "shardCount" in inputs else {}
    kinesis.create_stream(StreamName=stream, StreamModeDetails={"StreamMode": mode}, **shards)
    hours = int(inputs["retentionPeriod"])
    kinesis.increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=hours)
    kinesis.start_stream_encryption(
        StreamName=stream, EncryptionType=inputs["encryptionType"], KeyId=inputs["kmsKeyId"]
    )
    kinesis.add_tags_to_stream(StreamName=stream, Tags=inputs.get("tags") or {})
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    return arn, {"arn": arn, "name": stream}


def _state_machine(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    machine = inputs.get("name", name)
    made = cloud.client("stepfunctions").create_state_machine(
        name=machine,
        definition=inputs["definition"],
        roleArn=inputs["roleArn"],
        tags=tag_list(inputs.get("tags"), "key", "value"),
    )
    return made["stateMachineArn"], {"arn": made["stateMachineArn"], "name": machine}


HANDLERS: dict[str, Callable[[Cloud, str, Inputs], Made]] = {
    "aws:lambda/alias:Alias": _alias,
    "aws:lambda/function:Function": _function,
    "aws:emrserverless/application:Application": _application,
    "aws:kinesis/stream:Stream": _stream,
    "aws:sfn/stateMachine:StateMachine": _state_machine,
}
