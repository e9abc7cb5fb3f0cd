"""The two kinds of a domain's state machine, and the differences between their definitions."""

from __future__ import annotations

from dataclasses import dataclass

from statemachine.failures import CATCH_UP_RECORDED, RECORDED

_COMMON_FIELDS = ("runId", "mode", "parallelism", "jarKey", "keepClones", "requestedBy", "approvedBy")
INPUT_FIELDS = (*_COMMON_FIELDS, "tables", "verify")
CATCH_UP_FIELDS = (*_COMMON_FIELDS, "repair", "maxDeletePercent", "maxChangePercent", "writesPerSecond")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of state machine; the templates read it as `kind`."""

    name: str
    comment: str  # of the definition, with a placeholder for the domain
    input_fields: tuple[str, ...]
    default_mode: str
    recorded_failures: tuple[str, ...]
    tables_map: str  # the Map whose items export the tables
    suffix: str = ""  # of the state machine's name

    def machine_of(self, domain: str) -> str:
        """Return the name of a domain's state machine within a stack."""
        return f"{domain}{self.suffix}"

    @property
    def is_catch_up(self) -> bool:
        """Return whether the machine writes differences to existing tables."""
        return self.name != BOOTSTRAP.name


BOOTSTRAP = Kind(
    name="bootstrap",
    comment="Migrates {domain} from Aurora to DynamoDB and proves the result",
    input_fields=INPUT_FIELDS,
    default_mode="rehearsal",
    recorded_failures=RECORDED,
    tables_map="MigrateTables",
)
CATCH_UP = Kind(
    name="catch-up",
    comment="Writes the differences from Aurora to the tables of {domain} and proves the result",
    input_fields=CATCH_UP_FIELDS,
    default_mode="official",
    recorded_failures=CATCH_UP_RECORDED,
    tables_map="ExportTables",
    suffix="-catch-up",
)
KINDS = (BOOTSTRAP, CATCH_UP)
