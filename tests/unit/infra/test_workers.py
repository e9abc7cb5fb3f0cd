"""EMR Serverless has the workers of a stack file, and the capacity is large enough for them."""

from __future__ import annotations

import pytest

from catalog.emr_workers import DISK_GB, MEMORY_GB
from infra.errors import SettingsError
from infra.settings.workers import Capacity
from local.aws import emr_workers
from statemachine.workers import Worker, Workers
from tests.unit.infra.test_settings import GOOD, PROJECT, read


def refused(**values: str) -> str:
    with pytest.raises(SettingsError) as error:
        read({**GOOD, **values})
    return str(error.value).removeprefix(f"Pulumi.test.yaml: {PROJECT}:")


def test_by_default_a_job_leaves_other_jobs_a_driver_and_an_executor_each() -> None:
    settings = read(GOOD)

    assert settings.workers == Workers(
        driver=Worker(vcpu=4, memory_gb=16, disk_gb=20, disk_type="STANDARD"),
        executor=Worker(vcpu=4, memory_gb=16, disk_gb=100, disk_type="STANDARD"),
        min_executors=1,
        max_executors=9,
    )
    taken = 4 + 9 * 4 + 3 * (4 + 4)
    assert taken == 64
    assert read({**GOOD, "maxConcurrentJobs": "1"}).workers.max_executors == 15
    assert settings.capacity == Capacity(vcpu=64, memory_gb=256, disk_gb=1600)


def test_every_size_reaches_the_job_as_a_property_and_the_plan_as_a_tag() -> None:
    settings = read(
        {
            **GOOD,
            "driverVcpu": "8",
            "driverMemoryGb": "60",
            "driverDiskGb": "50",
            "executorVcpu": "16",
            "executorMemoryGb": "120",
            "executorDiskGb": "500",
            "executorDiskType": "SHUFFLE_OPTIMIZED",
            "minExecutors": "2",
            "maxExecutors": "10",
            "maxVcpu": "200",
            "maxMemoryGb": "2000",
            "maxDiskGb": "9000",
        }
    )

    assert settings.workers.properties() == {
        "spark.driver.cores": "8",
        "spark.driver.memory": "54g",
        "spark.driver.memoryOverhead": "6g",
        "spark.emr-serverless.driver.disk": "50g",
        "spark.emr-serverless.driver.disk.type": "standard",
        "spark.executor.cores": "16",
        "spark.executor.memory": "109g",
        "spark.executor.memoryOverhead": "11g",
        "spark.emr-serverless.executor.disk": "500g",
        "spark.emr-serverless.executor.disk.type": "shuffle_optimized",
        "spark.executor.instances": "3",
        "spark.dynamicAllocation.initialExecutors": "3",
        "spark.dynamicAllocation.minExecutors": "2",
        "spark.dynamicAllocation.maxExecutors": "10",
    }
    assert settings.workers.tags() == {
        "migration:spark-driver": "8 vCPU 60 GB 50 GB STANDARD",
        "migration:spark-executor": "16 vCPU 120 GB 500 GB SHUFFLE_OPTIMIZED",
        "migration:spark-executors": "2 to 10",
    }
    assert settings.capacity == Capacity(vcpu=200, memory_gb=2000, disk_gb=9000)


def test_memory_follows_the_vcpus_where_the_file_does_not_set_it() -> None:
    memory = {vcpu: read({**GOOD, "executorVcpu": str(vcpu)}).workers.executor.memory_gb for vcpu in MEMORY_GB}

    assert memory == {1: 4, 2: 8, 4: 16, 8: 32, 16: 64, 32: 120}


def test_a_job_has_three_executors_at_most_where_the_capacity_holds_fewer() -> None:
    workers = read({**GOOD, "maxVcpu": "16"}).workers

    assert workers.max_executors == 3
    assert workers.properties()["spark.dynamicAllocation.initialExecutors"] == "3"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"executorVcpu": "3"}, "executorVcpu is 3; it must be one of 1, 2, 4, 8, 16, 32"),
        ({"executorMemoryGb": "31"}, "executorMemoryGb is 31; a worker of 4 vCPU has 8 to 30 GB"),
        (
            {"driverVcpu": "8", "driverMemoryGb": "30"},
            "driverMemoryGb is 30; a worker of 8 vCPU has 16 to 60 in steps of 4 GB",
        ),
        (
            {"executorVcpu": "32", "executorMemoryGb": "100", "maxVcpu": "128"},
            "executorMemoryGb is 100; a worker of 32 vCPU has 60 or 120 or 244 GB",
        ),
        (
            {"executorDiskGb": "201"},
            (
                "executorDiskGb is 201; a STANDARD disk has 20 to 200 GB; "
                "executorDiskType SHUFFLE_OPTIMIZED has up to 2000"
            ),
        ),
        ({"driverDiskGb": "19"}, "driverDiskGb is 19; a STANDARD disk has 20 to 200 GB"),
        (
            {"executorDiskGb": "2001", "executorDiskType": "SHUFFLE_OPTIMIZED"},
            "executorDiskGb is 2001; a SHUFFLE_OPTIMIZED disk has 20 to 2000 GB",
        ),
        (
            {"executorDiskType": "shuffle_optimized"},
            "executorDiskType is 'shuffle_optimized'; it must be STANDARD or SHUFFLE_OPTIMIZED",
        ),
        ({"maxVcpu": "7"}, "maxVcpu is 7; a driver and one executor need 8 vCPUs"),
        ({"maxMemoryGb": "20"}, "maxMemoryGb is 20; a driver and one executor need 32 GB of memory"),
        ({"maxDiskGb": "119"}, "maxDiskGb is 119; a driver and one executor need 120 GB of disk"),
        ({"maxExecutors": "2"}, "maxExecutors is 2; EMR Serverless begins a job with 3"),
        ({"maxExecutors": "16"}, "maxExecutors is 16; beside a driver, the 64 vCPUs of maxVcpu hold 15 executors"),
        (
            {"maxExecutors": "8", "maxDiskGb": "720"},
            "maxExecutors is 8; beside a driver, the 720 GB of disk of maxDiskGb hold 7 executors",
        ),
        ({"minExecutors": "5", "maxExecutors": "4"}, "minExecutors is '5'; it must be 1 to 4"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_combination_is_refused_in_one_sentence(values: dict[str, str], sentence: str) -> None:
    assert refused(**values) == sentence


def test_every_worker_that_a_stack_file_can_ask_for_is_started() -> None:
    for vcpu, sizes in MEMORY_GB.items():
        for memory_gb in sizes:
            for disk_type, bounds in DISK_GB.items():
                for disk_gb in bounds:
                    worker = Worker(vcpu=vcpu, memory_gb=memory_gb, disk_gb=disk_gb, disk_type=disk_type)
                    properties = Workers(driver=worker, executor=worker).properties()
                    entry = {"classification": "spark-defaults", "properties": properties}
                    emr_workers.check({}, {"applicationConfiguration": [entry]})
