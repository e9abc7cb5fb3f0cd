"""Workers of the Spark jobs: their sizes, and the properties that request them from EMR Serverless."""

from __future__ import annotations

from dataclasses import dataclass

from catalog import emr_workers

_FIRST_EXECUTORS = 3


@dataclass(frozen=True, kw_only=True)
class Worker:
    """The size of a driver or an executor, as EMR Serverless bills it."""

    vcpu: int
    memory_gb: int
    disk_gb: int
    disk_type: str  # STANDARD or SHUFFLE_OPTIMIZED

    @property
    def heap_gb(self) -> int:
        """Return the JVM's heap; the rest of the memory is Spark's overhead."""
        return emr_workers.heap_gb(self.memory_gb)

    @property
    def text(self) -> str:
        """Return the size as the text of a tag, from which the plan of a run reads it."""
        return f"{self.vcpu} vCPU {self.memory_gb} GB {self.disk_gb} GB {self.disk_type}"

    def properties(self, role: str) -> dict[str, str]:
        """Return the Spark properties that request this worker as driver or executor.

        https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-spark.html
        """
        return {
            f"spark.{role}.cores": str(self.vcpu),
            f"spark.{role}.memory": f"{self.heap_gb}g",
            f"spark.{role}.memoryOverhead": f"{self.memory_gb - self.heap_gb}g",
            f"spark.emr-serverless.{role}.disk": f"{self.disk_gb}g",
            f"spark.emr-serverless.{role}.disk.type": self.disk_type.lower(),
        }


@dataclass(frozen=True, kw_only=True)
class Workers:
    """The driver and the executors of a Spark job; the defaults suffice for 1 TB of items."""

    driver: Worker = Worker(vcpu=4, memory_gb=16, disk_gb=20, disk_type="STANDARD")
    executor: Worker = Worker(vcpu=4, memory_gb=16, disk_gb=100, disk_type="STANDARD")
    min_executors: int = 1
    max_executors: int = 9

    def properties(self) -> dict[str, str]:
        """Return the Spark properties of both roles, with the limits on the number of executors."""
        # EMR Serverless starts with three executors by default, regardless of the limits.
        first = max(self.min_executors, min(_FIRST_EXECUTORS, self.max_executors))
        return {
            **self.driver.properties("driver"),
            **self.executor.properties("executor"),
            "spark.executor.instances": str(first),
            "spark.dynamicAllocation.initialExecutors": str(first),
            "spark.dynamicAllocation.minExecutors": str(self.min_executors),
            "spark.dynamicAllocation.maxExecutors": str(self.max_executors),
        }

    def tags(self) -> dict[str, str]:
        """Return the tags of a state machine that describe its jobs' workers."""
        return {
            "migration:spark-driver": self.driver.text,
            "migration:spark-executor": self.executor.text,
            "migration:spark-executors": f"{self.min_executors} to {self.max_executors}",
        }
