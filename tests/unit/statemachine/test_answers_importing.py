"""The calls of a table's creation, and what is kept of their answers."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.unit.statemachine.stepping import LIMITS, NAMES, OWN, Failed, kept, step

WRITTEN = {"prefix": "p/", "files": 2, "bytes": 5, "items": 3}


def test_a_table_begins_with_every_count_at_nothing() -> None:
    item = {**OWN, "options": {"name": "T"}, "written": WRITTEN}

    assert step("TakeTable", state_input=item).kept == {
        "own": item, "options": {"name": "T"}, "tableName": "T", "written": WRITTEN, "prefixToken": "",
        "objects": {"count": 0, "bytes": 0, "listing": ""}, "exportToken": "", "newestExport": "", "deleteChecks": 0,
        "settingsChecks": 0, "updates": 0, "importChecks": 0, "exportChecks": 0, "pitrChecks": 0, "streamChecks": 0,
    }  # fmt: skip


def test_objects_are_counted_and_their_names_and_sizes_hashed_over_all_pages() -> None:
    begun = step("TakeTable", state_input={**OWN, "options": {}, "written": WRITTEN}).kept
    pages = [
        {"Contents": [{"Key": "p/a", "Size": 2}, {"Key": "p/b", "Size": 3}], "NextContinuationToken": "t"},
        {"Contents": [{"Key": "p/c", "Size": 4}]},
    ]

    first = step("CheckPrefix", answer=pages[0], **begun)
    second = step("CheckPrefix", answer=pages[1], **first.kept)

    listing = ""
    for line in ("a 2", "b 3", "c 4"):
        listing = hashlib.sha256(f"{listing}|{line}".encode()).hexdigest()
    assert second.kept["objects"] == {"count": 3, "bytes": 9, "listing": listing}
    bucket = {"Bucket": NAMES.data_bucket, "Prefix": "p/", "MaxKeys": LIMITS.list_keys}
    assert (first.asked, second.asked) == (bucket, {**bucket, "ContinuationToken": "t"})
    assert second.kept["prefixToken"] == ""
    assert step("CheckPrefix", answer={}, **begun).kept["objects"] == {"count": 0, "bytes": 0, "listing": ""}


IMPORTED = {"ImportStatus": "COMPLETED", "ImportedItemCount": 3, "ErrorCount": 1, "TableArn": "a"}


def test_what_an_import_did_is_kept() -> None:
    looked = step("DescribeImport", answer={"ImportTableDescription": IMPORTED}, importArn="i", importChecks=1)

    assert looked.asked == {"ImportArn": "i"}
    assert looked.kept == {
        "importArn": "i", "importState": "COMPLETED", "imported": 3, "importErrors": 1, "importMessage": "",
        "tableArn": "a", "importChecks": 2,
    }  # fmt: skip
    begun = {"ImportStatus": "IN_PROGRESS", "FailureCode": "C", "FailureMessage": "M"}
    early = step("DescribeImport", answer={"ImportTableDescription": begun}, importArn="i", importChecks=0).kept
    assert (early["imported"], early["importErrors"], early["tableArn"]) == (0, 0, "")
    assert early["importMessage"].startswith("C: M")


def test_what_an_earlier_import_did_is_kept() -> None:
    own = {"existing": {"importArn": "i"}}
    described = {**IMPORTED, "S3BucketSource": {"S3KeyPrefix": "p/"}}

    looked = step("DescribePreviousImport", answer={"ImportTableDescription": described}, own=own, importChecks=1)

    assert (looked.asked, looked.kept["importChecks"]) == ({"ImportArn": "i"}, 2)
    assert looked.kept["previousImport"] == {"status": "COMPLETED", "prefix": "p/", "imported": 3, "errors": 1}
    nothing = step("DescribePreviousImport", answer={"ImportTableDescription": {}}, own=own, importChecks=0)
    assert nothing.kept["previousImport"] == {"status": "", "prefix": "", "imported": 0, "errors": 0}


def test_what_is_adopted_is_the_table_and_the_import_that_are_there() -> None:
    own = {"existing": {"arn": "a", "importArn": "i"}}

    assert kept("AdoptImport", None, own=own, previousImport={"imported": 3}) == {
        "tableArn": "a",
        "importArn": "i",
        "imported": 3,
    }
    assert kept("AdoptEmptyTable", None, own=own) == {"tableArn": "a", "importArn": "", "imported": 0}


def test_each_look_before_a_deletion_is_counted_and_one_that_finds_nothing_remembers_that_it_was_replaced() -> None:
    description = {"Table": {"TableId": "i", "TableStatus": "ACTIVE"}}

    looked = step("VerifyTable", answer=description, tableName="T", deleteChecks=1)

    assert looked.asked == {"TableName": "T"}
    assert (looked.kept["deleteChecks"], looked.kept["present"]) == (2, {"id": "i", "status": "ACTIVE"})
    gone = step("VerifyTable", answer=Failed("DynamoDb.ResourceNotFoundException"), tableName="T", deleteChecks=0)
    assert (gone.to, gone.kept["deleteChecks"]) == ("ImportWanted", 1)


def test_an_empty_table_is_made_with_its_tags_and_protected_if_it_is_official() -> None:
    options = {"creation": {"KeySchema": []}, "protection": True, "tags": [{"Key": "t", "Value": "v"}]}
    answer = {"TableDescription": {"TableArn": "a"}}

    made = step("CreateEmptyTable", answer=answer, options=options, own=OWN, tableName="T")

    assert made.asked == {
        "KeySchema": [],
        "TableName": "T",
        "DeletionProtectionEnabled": True,
        "Tags": [
            *options["tags"],
            {"Key": "migration:run", "Value": "r1"},
            {"Key": "migration:mode", "Value": "official"},
        ],
    }
    assert (made.kept["tableArn"], made.kept["importArn"], made.kept["imported"]) == ("a", "", 0)
    for changed in ({"own": {**OWN, "mode": "rehearsal"}}, {"options": {**options, "protection": False}}):
        variables: dict[str, Any] = {"options": options, "own": OWN, "tableName": "T", **changed}
        assert step("CreateEmptyTable", answer=answer, **variables).asked["DeletionProtectionEnabled"] is False
    looked = step("DescribeEmptyTable", answer={"Table": {"TableStatus": "CREATING"}}, tableName="T", importChecks=1)
    assert (looked.kept["emptyTableStatus"], looked.kept["importChecks"]) == ("CREATING", 2)


def test_an_import_reads_what_was_written_and_makes_the_table() -> None:
    options = {"creation": {"KeySchema": []}}

    begun = step(
        "ImportTable",
        answer={"ImportTableDescription": {"ImportArn": "i"}},
        own=OWN,
        options=options,
        written=WRITTEN,
        tableName="T",
    )

    assert begun.asked == {
        "ClientToken": hashlib.md5(b"r1|e|import|T", usedforsecurity=False).hexdigest(),
        "S3BucketSource": {"S3Bucket": NAMES.data_bucket, "S3KeyPrefix": "p/"},
        "InputFormat": "DYNAMODB_JSON",
        "InputCompressionType": "GZIP",
        "TableCreationParameters": {"KeySchema": [], "TableName": "T"},
    }
    assert begun.kept["importArn"] == "i"
