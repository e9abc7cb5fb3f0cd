"""What a stack's file says, read once and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.errors import SettingsError

if TYPE_CHECKING:
    import pulumi

_NAME = re.compile(r"^[a-z][a-z0-9]{1,9}$")
_MOST_DAYS = 3650
_MOST_VCPU = 4000


@dataclass(frozen=True)
class Settings:
    """The values of one stack."""

    stack: str
    vpc_name: str
    subnet_tag: str
    clone_instance_class: str
    max_vcpu: int
    keep_days: int

    @classmethod
    def read(cls, config: pulumi.Config, stack: str) -> Settings:
        """Return the settings of a stack.

        Raises:
            SettingsError: A value is missing or out of bounds; names the key and the file.
        """
        if not _NAME.fullmatch(stack):
            raise SettingsError(f"the stack {stack!r} must be named in 2 to 10 small letters and digits, like test")
        return cls(
            stack=stack,
            vpc_name=_text(config, stack, "vpcName"),
            subnet_tag=_text(config, stack, "subnetTag"),
            clone_instance_class=config.get("cloneInstanceClass") or "db.r6g.large",
            max_vcpu=_count(config, stack, "maxVcpu", 64, _MOST_VCPU),
            keep_days=_count(config, stack, "keepDays", 30, _MOST_DAYS),
        )


def _text(config: pulumi.Config, stack: str, key: str) -> str:
    value = config.get(key)
    if not value:
        raise SettingsError(f"Pulumi.{stack}.yaml: {config.name}:{key} is missing; set it to a text")
    return value


def _count(config: pulumi.Config, stack: str, key: str, default: int, most: int) -> int:
    value = config.get(key)
    if value is None:
        return default
    if not value.isdecimal() or not 1 <= int(value) <= most:
        raise SettingsError(f"Pulumi.{stack}.yaml: {config.name}:{key} is {value!r}; it must be 1 to {most}")
    return int(value)
