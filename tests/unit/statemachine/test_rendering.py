"""What the renderer adds to the templates: a table's item, the jobs' properties, and the errors of templates."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jinja2
import pytest

from catalog.loader import load_catalog
from catalog.table_options import Capacity
from statemachine import render
from statemachine.errors import DefinitionError
from statemachine.graph import all_states
from statemachine.kinds import BOOTSTRAP, CATCH_UP, Kind
from statemachine.limits import Limits, checks_for
from statemachine.names import SYSTEM, DeployedNames
from statemachine.table_options import MAX_TAGS, table_options
from statemachine.workers import Worker, Workers

if TYPE_CHECKING:
    from catalog.models import Table

CATALOG = load_catalog()
NAMES = DeployedNames.placeholder("test")


def indexed(**options: object) -> Table:
    """Return a table of the catalog that has an index, with other options."""
    tables = [table for domain in CATALOG.domains.values() for table in domain.tables if table.indexes]
    return tables[0].model_copy(update=options)


def test_a_tables_item_holds_all_that_its_states_read() -> None:
    table = indexed(
        ttl="expires", stream="s", deletion_protection=False, table_class="STANDARD_INFREQUENT_ACCESS", kms_key="k",
        warm_throughput=Capacity(read=7, write=8), tags={"team": "t", "owner": "o"}, import_timeout_minutes=60,
        export_timeout_minutes=720, billing_mode="PROVISIONED", capacity=Capacity(read=5, write=6),
    )  # fmt: skip

    item = table_options(table, names=replace(NAMES, stream_prefix="p-"), domain="rates")

    creation = item.pop("creation")
    assert item == {
        "name": table.name, "ttl": "expires", "stream": "p-s", "protection": False,
        "tableClass": "STANDARD_INFREQUENT_ACCESS", "warm": {"ReadUnitsPerSecond": 7, "WriteUnitsPerSecond": 8},
        "kmsKey": "k", "importChecks": checks_for(60), "exportChecks": checks_for(720),
        "tags": [
            {"Key": "migration:domain", "Value": "rates"},
            {"Key": "migration:stack", "Value": "test"},
            {"Key": "migration:system", "Value": SYSTEM},
            {"Key": "owner", "Value": "o"},
            {"Key": "team", "Value": "t"},
        ],
    }  # fmt: skip
    capacity = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
    keys = {index.name: index for index in table.indexes}
    roles = ("HASH", "RANGE")
    assert creation == {
        "AttributeDefinitions": creation["AttributeDefinitions"],
        "KeySchema": [
            {"AttributeName": attribute.name, "KeyType": role}
            for attribute, role in zip(table.key.attributes, roles, strict=False)
        ],
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": capacity,
        "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "k"},
        "GlobalSecondaryIndexes": [
            {
                "IndexName": name,
                "KeySchema": [
                    {"AttributeName": attribute.name, "KeyType": role}
                    for attribute, role in zip(index.attributes, roles, strict=False)
                ],
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": capacity,
            }
            for name, index in keys.items()
        ],
    }
    attributes = {a.name: a.type for key in (table.key, *table.indexes) for a in key.attributes}
    assert {a["AttributeName"]: a["AttributeType"] for a in creation["AttributeDefinitions"]} == attributes
    assert len(creation["AttributeDefinitions"]) == len(attributes)


def test_a_table_without_options_has_none() -> None:
    plain = indexed(
        ttl=None, stream=None, deletion_protection=True, table_class="STANDARD", kms_key=None, warm_throughput=None,
        tags={}, indexes=(), billing_mode="PAY_PER_REQUEST", capacity=None, on_demand_maximum=None,
    )  # fmt: skip

    item = table_options(plain, names=NAMES, domain="rates")

    unset = {key: item[key] for key in ("ttl", "stream", "protection", "tableClass", "warm", "kmsKey")}
    assert unset == {
        "ttl": "", "stream": "", "protection": True, "tableClass": "STANDARD", "kmsKey": "",
        "warm": {"ReadUnitsPerSecond": 0, "WriteUnitsPerSecond": 0},
    }  # fmt: skip
    assert set(item["creation"]) == {"AttributeDefinitions", "KeySchema", "BillingMode"}


def test_a_table_has_as_many_tags_as_dynamodb_allows_with_two_of_the_run() -> None:
    # One is of the placeholder, three are ours, and the state machine adds two.
    most = {f"tag{number:02}": "v" for number in range(MAX_TAGS - 6)}

    assert MAX_TAGS == 50
    assert len(table_options(indexed(tags=most), names=NAMES, domain="rates")["tags"]) == 48
    with pytest.raises(DefinitionError, match=r"would have 51 tags, of which DynamoDB allows 50; remove some from"):
        table_options(indexed(tags={**most, "more": "v"}), names=NAMES, domain="rates")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("A: << unknown >>", "domain rates: UndefinedError: 'unknown' is undefined"),
        ("A: << unknown | tojson >>", "domain rates: UndefinedError: 'unknown' is undefined"),
        ("A: << retry('sqs') >>", "domain rates: KeyError: 'sqs'"),
        ("<% if %>", "domain rates: TemplateSyntaxError: "),
        ("A: [", "domain rates: the templates render invalid YAML: "),
        ("A: {B: 1, C: 2, B: 3, C: 4}", "domain rates: the templates render invalid YAML: B, C defined twice"),
        ("[1]", "domain rates: the templates render no state machine"),
        ("""A: << "it's" | literal >>""", '"it\'s" cannot be quoted inside an expression'),
        (r"A: << 'a\\b' | literal >>", r'"a\\b" cannot be quoted inside an expression'),
    ],
)
def test_a_wrong_template_is_refused_with_its_domain(
    monkeypatch: pytest.MonkeyPatch, template: str, message: str
) -> None:
    wrong = render._templates().overlay(loader=jinja2.DictLoader({"machine.asl.yaml.j2": template}))
    monkeypatch.setattr(render, "_templates", lambda: wrong)

    with pytest.raises(DefinitionError) as refused:
        render.definition(CATALOG, "rates", NAMES, Limits())

    assert str(refused.value).startswith(message)


def test_a_value_that_is_no_json_is_refused_by_its_type() -> None:
    with pytest.raises(TypeError, match=r"^set is not JSON$"):
        render._templates().from_string("<< value | tojson >>").render(value={1})
    assert render._literal({"b": ["c", 1], "a": None}) == "{'b': ['c', 1], 'a': null}"


@pytest.mark.parametrize(("kind", "spare"), [(BOOTSTRAP, 4185), (CATCH_UP, 1305)])
def test_the_timeouts_of_a_run_add_up_to_an_executions_at_the_most(kind: Kind, spare: int) -> None:
    # Two or three jobs of 2,880 minutes, 45 + 60 + 30 for clones, and the slowest table's import and export.
    domain = CATALOG.domains["rates"].model_copy(update={"job_timeout_minutes": 2880})

    def problems(minutes: int) -> list[str]:
        first, second, *_ = (
            table.model_copy(update={"import_timeout_minutes": 1000, "export_timeout_minutes": export})
            for table, export in zip(domain.tables, (minutes - 1000, 1), strict=False)
        )
        return list(render._too_long(domain.model_copy(update={"tables": (second, first)}), Limits(), kind))

    assert problems(spare) == []
    assert problems(spare + 1) == [
        (
            "its timeouts add up to 10,081 minutes, but an execution ends after 10,080: shorten job_timeout_minutes of "
            "the domain, or import_timeout_minutes or export_timeout_minutes of its tables, in the catalog"
        )
    ]


def test_the_worst_case_of_a_domain_is_that_of_the_kind() -> None:
    of_migration, of_catch_up = (
        set(render.domain_budget(CATALOG, "rates", kind).events) for kind in (BOOTSTRAP, CATCH_UP)
    )

    assert "an item of MigrateTables" in of_migration - of_catch_up
    assert "an item of ApplyPuts" in of_catch_up - of_migration


def test_a_job_has_the_properties_of_its_workers_and_a_secret_of_each_cluster() -> None:
    clusters = CATALOG.clusters_of("rates")
    small = Worker(vcpu=2, memory_gb=8, disk_gb=30, disk_type="SHUFFLE_OPTIMIZED")
    workers = Workers(driver=small, min_executors=2, max_executors=5)

    properties = render._job_properties(clusters, workers)

    assert properties == {
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.scheduler.mode": "FAIR",
        "spark.driver.cores": "2", "spark.driver.memory": "7g", "spark.driver.memoryOverhead": "1g",
        "spark.emr-serverless.driver.disk": "30g", "spark.emr-serverless.driver.disk.type": "shuffle_optimized",
        "spark.executor.cores": "4", "spark.executor.memory": "14g", "spark.executor.memoryOverhead": "2g",
        "spark.emr-serverless.executor.disk": "100g", "spark.emr-serverless.executor.disk.type": "standard",
        "spark.executor.instances": "3", "spark.dynamicAllocation.initialExecutors": "3",
        "spark.dynamicAllocation.minExecutors": "2", "spark.dynamicAllocation.maxExecutors": "5",
        **{f"spark.migration.password.{c.identifier}": f"EMR.secret@{c.password_secret}" for c in clusters},
    }  # fmt: skip
    assert workers.tags() == {
        "migration:spark-driver": "2 vCPU 8 GB 30 GB SHUFFLE_OPTIMIZED",
        "migration:spark-executor": "4 vCPU 16 GB 100 GB STANDARD",
        "migration:spark-executors": "2 to 5",
    }


@pytest.mark.parametrize(("least", "most", "first"), [(1, 9, 3), (1, 2, 2), (5, 9, 5), (3, 3, 3)])
def test_a_job_begins_with_three_executors_within_its_limits(least: int, most: int, first: int) -> None:
    properties = Workers(min_executors=least, max_executors=most).properties()

    assert properties["spark.executor.instances"] == str(first)
    assert properties["spark.dynamicAllocation.initialExecutors"] == str(first)


def test_the_defaults_of_a_jobs_workers_are_sized_for_a_terabyte() -> None:
    assert Workers() == Workers(
        driver=Worker(vcpu=4, memory_gb=16, disk_gb=20, disk_type="STANDARD"),
        executor=Worker(vcpu=4, memory_gb=16, disk_gb=100, disk_type="STANDARD"),
        min_executors=1,
        max_executors=9,
    )


def test_names_before_a_deployment_have_the_right_shape() -> None:
    function = "arn:aws:lambda:region-0:000000000000:function:migration-test"

    assert vars(NAMES) == {
        "stack": "test", "region": "region-0", "account": "000000000000",
        "data_bucket": "migration-test-data-000000000000",
        "artifacts_bucket": "migration-test-artifacts-000000000000",
        "clone_function_arn": f"{function}-aurora-clone", "registry_function_arn": f"{function}-run-registry",
        "writer_function_arn": f"{function}-table-writer", "application_name": "migration-test-spark",
        "job_role_name": "migration-test-spark-job", "spec_key": "specs/placeholder-000000000000.json",
        "data_key_arn": "arn:aws:kms:region-0:000000000000:key/00000000-0000-0000-0000-000000000000",
        "stream_prefix": "", "tags": {"owner": "placeholder"}, "workers": Workers(), "second_person": False,
    }  # fmt: skip
    names: dict[str, Any] = {**vars(NAMES), "spec_key": "specs/a-b-0123456789ab.json"}
    assert DeployedNames(**names).spec_hash == "0123456789ab"


def test_the_kinds_of_a_machine_differ_by_name_input_and_mode() -> None:
    common = ("runId", "mode", "parallelism", "jarKey", "keepClones", "requestedBy", "approvedBy")

    assert [(kind.machine_of("rates"), kind.is_catch_up, kind.default_mode) for kind in (BOOTSTRAP, CATCH_UP)] == [
        ("rates", False, "rehearsal"),
        ("rates-catch-up", True, "official"),
    ]
    assert BOOTSTRAP.input_fields == (*common, "tables", "verify")
    assert CATCH_UP.input_fields == (*common, "repair", "maxDeletePercent", "maxChangePercent", "writesPerSecond")
    assert [kind.tables_map for kind in (BOOTSTRAP, CATCH_UP)] == ["MigrateTables", "ExportTables"]


def test_a_definition_is_a_text_that_two_deployments_render_alike() -> None:
    text = render.render(CATALOG, "rates", NAMES)

    assert json.loads(text) == render.definition(CATALOG, "rates", NAMES, Limits())
    assert text.startswith(
        '{\n  "Comment": "Migrates rates from Aurora to DynamoDB and proves the result",\n  "QueryLanguage"'
    )
    assert text.endswith('\n  },\n  "TimeoutSeconds": 604800\n}\n')
    names = DeployedNames.placeholder("any")
    expected = render.worst_case(render.definition(CATALOG, "rates", names, Limits()), Limits())
    assert render.domain_budget(CATALOG, "rates") == expected


def listing(state: str, minutes: int, table: str) -> dict[str, Any]:
    """Return a Map over two tables, of which one has so many checks, beside a Map over lanes."""
    ends = {"E": {"Type": "Pass", "Output": {"cause": "{% $x %}"}, "End": True}}
    polls = {
        "DescribeExport": {"Type": "Pass", "Next": "Again"},
        "Again": {"Type": "Choice", "Choices": [{"Next": "DescribeExport"}], "Default": "E"},
    }
    tables = [{"name": name, "importChecks": 1, "exportChecks": minutes if name == table else 1} for name in "AB"]
    polling = {"StartAt": "DescribeExport", "States": {**polls, **ends}}
    lanes = {"StartAt": "E", "States": ends}
    return {
        "StartAt": state,
        "States": {
            state: {"Type": "Map", "Items": tables, "ItemProcessor": polling, "Next": "L"},
            "L": {"Type": "Map", "Items": "{% $lanes %}", "ItemProcessor": lanes, "Next": "End"},
            "End": {"Type": "Succeed"},
        },
    }


@pytest.mark.parametrize("slow", ["A", "B"])
def test_the_worst_case_is_of_the_slowest_table_and_of_every_lane_of_a_catch_up(slow: str) -> None:
    limits = Limits(lanes=20)
    around = 1 + 2 + len("cause") + 6

    of_catch_up = render.worst_case(listing("ExportTables", 7, slow), limits, CATCH_UP)
    of_migration = render.worst_case(listing("MigrateTables", 7, slow), limits)

    # Forty lanes with 2,300 characters of a cause each; two tables with 8,000.
    assert of_catch_up.payload_bytes == 2 + 40 * (around + 2 * 2300)
    assert of_migration.payload_bytes == 2 + 2 * (around + 2 * 8000)
    assert of_catch_up.events["an item of ExportTables"] == (7 + 1) * 4 + 2 + 2
    assert of_migration.events["an item of MigrateTables"] == (7 + 1) * 4 + 2 + 2


def test_a_domain_with_one_stream_has_the_states_of_streams() -> None:
    domain = CATALOG.domains["rates"]
    first, *others = (table.model_copy(update={"stream": None}) for table in domain.tables)
    tables = (first, *others[:-1], others[-1].model_copy(update={"stream": "s"}))
    changed = domain.model_copy(update={"tables": tables})
    catalog = CATALOG.model_copy(update={"domains": {**CATALOG.domains, "rates": changed}})

    assert "DescribeStream" in all_states(render.definition(catalog, "rates", NAMES, Limits()))
