"""Parquet values as texts for PostgreSQL, without rounding."""

from __future__ import annotations

import json
import math
import uuid
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import types

from catalog.source_types import LISTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_UUID_BYTES = 16


class UnreadableError(Exception):
    """A value has no text of its column's type; the message has it."""


def is_readable(kind: pa.DataType, column_type: str) -> bool:
    """Return whether a Parquet column can be of a catalog's type; its values are checked as they are read."""
    kind = _stored(kind)
    if _is_bytes(kind):
        whole = types.is_fixed_size_binary(kind) and kind.byte_width == _UUID_BYTES
        return column_type in ("bytes", "text", "json") or (column_type == "uuid" and whole)
    if column_type == "bytes":
        return _is_text(kind) or types.is_null(kind)
    if column_type in LISTS:
        return _is_text(kind) or types.is_null(kind) or (_is_list(kind) and _is_plain(_stored(kind.value_type)))
    if types.is_nested(kind):
        return column_type in ("json", "text") and _is_document(kind)
    return _is_plain(kind)


def texts_of(name: str, values: pa.Array, column_type: str) -> list[str | None]:
    """Return the text of each value.

    Raises:
        UnreadableError: A value is not UTF-8, or cannot be in a document.
    """
    kind = _stored(values.type)
    values = values.cast(kind) if values.type != kind else values
    if _is_plain(kind):
        return list(_plain_texts(values))
    try:
        text = _writer(kind, column_type)
        return [None if value is None else text(value) for value in values.to_pylist(maps_as_pydicts="strict")]
    except (UnicodeDecodeError, ValueError, KeyError) as error:
        raise UnreadableError(f"column {name} has a value that is not of type {column_type}: {error}") from error


def _stored(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values, without a dictionary or an extension."""
    if types.is_dictionary(kind):
        return _stored(kind.value_type)
    return _stored(kind.storage_type) if isinstance(kind, pa.BaseExtensionType) else kind


def _writer(kind: pa.DataType, column_type: str) -> Callable[[Any], str]:
    if not _is_bytes(kind):
        if column_type in LISTS:
            return lambda value: _array(value, kind.value_type)
        return lambda value: _document(value, kind)
    if column_type == "bytes":
        return lambda value: f"\\x{value.hex()}"
    if column_type == "uuid":
        return lambda value: str(uuid.UUID(bytes=value))
    return lambda value: str(value, "utf-8")


def _plain_texts(values: pa.Array) -> Iterable[str | None]:
    """Return the texts of numbers, timestamps, booleans and texts; a timestamp with a zone has its offset from UTC."""
    kind = values.type
    if types.is_timestamp(kind):
        offset = "+00" if kind.tz is not None else ""
        # The count is in UTC, so the conversion of the number needs no zone.
        local = values.cast(pa.int64()).cast(pa.timestamp(kind.unit)).cast(pa.string()).to_pylist()
        return [None if text is None else f"{text}{offset}" for text in local]
    texts: list[str | None] = values.cast(pa.string()).to_pylist()
    return texts


def _array(value: list[Any], kind: pa.DataType) -> str:
    """Return a list in PostgreSQL's array syntax."""
    texts = _plain_texts(pa.array(value, _stored(kind)))
    escaped = ("NULL" if text is None else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)
    return "{" + ",".join(escaped) + "}"


def _document(value: Any, kind: pa.DataType) -> str:  # noqa: ANN401 - any content of a document
    """Return a value as JSON with every digit of its numbers."""
    kind = _stored(kind)
    if value is None:
        return "null"
    if _is_list(kind):
        return "[" + ", ".join(_document(entry, kind.value_type) for entry in value) + "]"
    if types.is_map(kind):
        entries = [(name, _document(entry, kind.item_type)) for name, entry in value.items()]
    elif types.is_struct(kind):
        entries = [(field.name, _document(value[field.name], field.type)) for field in kind]
    else:
        return _scalar(value, kind)
    return "{" + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {text}" for name, text in entries) + "}"


def _scalar(value: Any, kind: pa.DataType) -> str:  # noqa: ANN401 - any content of a document
    if types.is_floating(kind) and not math.isfinite(value):
        raise ValueError(f"JSON has no {value}")
    (text,) = _plain_texts(pa.array([value], kind))
    is_bare = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind)
    return str(text) if is_bare else json.dumps(text, ensure_ascii=False)


def _is_plain(kind: pa.DataType) -> bool:
    return bool(
        _is_text(kind)
        or types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_decimal(kind)
        or types.is_boolean(kind)
        or types.is_date(kind)
        or types.is_timestamp(kind)
        or types.is_time(kind)
        or types.is_null(kind)
    )


def _is_document(kind: pa.DataType) -> bool:
    kind = _stored(kind)
    if types.is_map(kind):
        return _is_text(_stored(kind.key_type)) and _is_document(kind.item_type)
    if types.is_struct(kind):
        return all(_is_document(field.type) for field in kind)
    return _is_document(kind.value_type) if _is_list(kind) else _is_plain(kind)


def _is_text(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    is_binary = types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind)
    return bool(is_binary or types.is_fixed_size_binary(kind))


def _is_list(kind: pa.DataType) -> bool:
    is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return bool(is_list)
