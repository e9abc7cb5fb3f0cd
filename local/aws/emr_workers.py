"""Worker sizes of EMR Serverless: StartJobRun refuses a job run that requests any other.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-behavior.html#worker-configs
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-spark.html#spark-defaults
"""

from __future__ import annotations

import itertools
import math
import re
import shlex
from typing import TYPE_CHECKING, Any

from moto.emrserverless.exceptions import ValidationException

if TYPE_CHECKING:
    from collections.abc import Mapping

# By vCPUs: the least and the most GB. A size between two increments is rounded up.
_MEMORY_GB = {1: (2, 8), 2: (4, 16), 4: (8, 30), 8: (16, 60), 16: (32, 120)}
_LARGEST_VCPU, _LARGEST_GB, _LARGEST_SLACK_GB = 32, (60, 120, 244), 8
_DISK_GB = {"STANDARD": (20, 200), "SHUFFLE_OPTIMIZED": (20, 2000)}
_DEFAULT_MEMORY, _DEFAULT_LARGEST_MEMORY = "14g", "109g"
_OVERHEAD, _LEAST_OVERHEAD_MB = 0.1, 384
_UNITS_MB = {"k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0 * 1024}
_SIZE = re.compile(r"(\d+)\s*([kmgt])b?", re.IGNORECASE)


def check(job_driver: Mapping[str, Any] | None, overrides: Mapping[str, Any] | None) -> None:
    """Check that the driver and the executors of a job run are workers of EMR Serverless.

    Raises:
        ValidationException: They are not; the message is not AWS's.
    """
    properties = _properties(job_driver or {}, overrides or {})
    for role in ("driver", "executor"):
        problem = _problem(role, properties)
        if problem:
            raise ValidationException(f"The {role} of the job run is not a supported worker: {problem}")
    least, first, most = (
        properties.get(f"spark.dynamicAllocation.{bound}Executors", default)
        for bound, default in (("min", "0"), ("initial", "3"), ("max", "infinity"))
    )
    if not int(least) <= int(first) <= float(most):
        raise ValidationException(
            f"Maximum value of spark.dynamicAllocation.initialExecutors: {first} must be between "
            f"spark.dynamicAllocation.minExecutor {least} and spark.dynamicAllocation.maxExecutors {most}."
        )


def _properties(job_driver: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, str]:
    """Return the Spark properties of a job run; those of spark-submit take precedence."""
    properties: dict[str, str] = {}
    for entry in overrides.get("applicationConfiguration", []):
        if entry["classification"] == "spark-defaults":
            properties |= entry.get("properties", {})
    words = shlex.split(job_driver.get("sparkSubmit", {}).get("sparkSubmitParameters") or "")
    for word, following in itertools.pairwise(words):
        if word == "--conf" and "=" in following:
            name, value = following.split("=", 1)
            properties[name] = value
    return properties


def _problem(role: str, properties: Mapping[str, str]) -> str:
    vcpu_text = properties.get(f"spark.{role}.cores", "4")
    if not vcpu_text.isdecimal() or int(vcpu_text) not in (*_MEMORY_GB, _LARGEST_VCPU):
        return f"{vcpu_text} vCPU"
    vcpu = int(vcpu_text)
    default = _DEFAULT_LARGEST_MEMORY if vcpu == _LARGEST_VCPU else _DEFAULT_MEMORY
    heap = _megabytes(properties.get(f"spark.{role}.memory", default))
    share = float(properties.get("spark.emr-serverless.memoryOverheadFactor", _OVERHEAD))
    overhead = _megabytes(
        properties.get(f"spark.{role}.memoryOverhead", f"{max(heap * share, _LEAST_OVERHEAD_MB):.0f}m")
    )
    memory = math.ceil(round((heap + overhead) / 1024, 3))
    if not _has_memory(vcpu, memory):
        return f"{vcpu} vCPU with {memory} GB of memory"
    disk_type = properties.get(f"spark.emr-serverless.{role}.disk.type", "STANDARD").upper()
    if disk_type not in _DISK_GB:
        return f"a disk of type {disk_type}"
    disk = _megabytes(properties.get(f"spark.emr-serverless.{role}.disk", "20g")) / 1024
    least, most = _DISK_GB[disk_type]
    return "" if least <= disk <= most else f"{disk:g} GB of disk of type {disk_type}"


def _has_memory(vcpu: int, memory: int) -> bool:
    if vcpu == _LARGEST_VCPU:
        return any(size - _LARGEST_SLACK_GB <= memory <= size for size in _LARGEST_GB)
    least, most = _MEMORY_GB[vcpu]
    return least <= memory <= most


def _megabytes(text: str) -> float:
    matched = _SIZE.fullmatch(text.strip())
    if matched is None:
        raise ValidationException(f"{text!r} is not a size")
    return int(matched[1]) * _UNITS_MB[matched[2].lower()]
