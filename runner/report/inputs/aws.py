"""AWS's own descriptions of job runs, imports, exports and tables."""

from __future__ import annotations

import datetime as dt

from pydantic import AliasGenerator, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from runner.report.inputs.base import Input


class Usage(Input):
    """The resources that EMR Serverless bills for a job run."""

    vcpu_hour: float | None = Field(default=None, validation_alias="vCPUHour")
    memory_gb_hour: float | None = Field(default=None, validation_alias="memoryGBHour")
    storage_gb_hour: float | None = Field(default=None, validation_alias="storageGBHour")


class JobRun(Input):
    """GetJobRun.

    https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_JobRun.html
    """

    job_run_id: str
    application_id: str
    state: str
    name: str = ""
    release_label: str | None = None
    total_execution_duration_seconds: int | None = None
    billed_resource_utilization: Usage | None = None


class _Described(Input):
    model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=to_pascal))


class _Timed(_Described):
    start_time: dt.datetime | None = None
    end_time: dt.datetime | None = None


class ImportDescription(_Timed):
    """DescribeImport.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ImportTableDescription.html
    """

    import_arn: str
    import_status: str | None = None
    processed_size_bytes: int | None = None
    error_count: int | None = None


class ExportDescription(_Timed):
    """DescribeExport.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportDescription.html
    """

    export_arn: str
    export_status: str | None = None
    export_time: dt.datetime | None = None
    billed_size_bytes: int | None = None


class BillingModeSummary(_Described):
    """The billing mode of a table."""

    billing_mode: str | None = None


class TableClassSummary(_Described):
    """The class of a table."""

    table_class: str | None = None


class SseDescription(_Described):
    """The encryption of a table."""

    kms_key: str | None = Field(default=None, validation_alias="KMSMasterKeyArn")


class ProvisionedThroughput(_Described):
    """The provisioned capacity of a table."""

    read_capacity_units: int = 0
    write_capacity_units: int = 0


class OnDemandThroughput(_Described):
    """The maxima of a table on demand; -1 is no maximum."""

    max_read_request_units: int = -1
    max_write_request_units: int = -1


class WarmThroughput(_Described):
    """The throughput that a table supports at once."""

    read_units_per_second: int | None = None
    write_units_per_second: int | None = None


class DescribedTable(_Described):
    """DescribeTable.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
    """

    table_arn: str
    table_status: str
    deletion_protection_enabled: bool = False
    billing_mode_summary: BillingModeSummary | None = None
    table_class_summary: TableClassSummary | None = None
    sse_description: SseDescription | None = Field(default=None, validation_alias="SSEDescription")
    provisioned_throughput: ProvisionedThroughput = ProvisionedThroughput()
    on_demand_throughput: OnDemandThroughput = OnDemandThroughput()
    warm_throughput: WarmThroughput = WarmThroughput()
