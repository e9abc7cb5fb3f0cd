"""A template that is wrong is an error that says what is wrong; what the templates are given follows the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jinja2
import pytest

from statemachine import render
from statemachine.errors import DefinitionError
from statemachine.kinds import BOOTSTRAP, CATCH_UP, Kind
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from tests.customer import customer_catalog

if TYPE_CHECKING:
    from catalog.models import Catalog

NAMES = DeployedNames.placeholder("test")


def rendered(
    monkeypatch: pytest.MonkeyPatch,
    template: str,
    kind: Kind = BOOTSTRAP,
    domain: str = "rates",
    catalog: Catalog | None = None,
) -> dict[str, Any]:
    """Return what a template renders to, in the place of the state machine's."""
    environment = render._templates().overlay(loader=jinja2.DictLoader({render._MACHINE: template}))
    monkeypatch.setattr(render, "_templates", lambda: environment)
    return render._rendered(catalog or customer_catalog(), domain, NAMES, Limits(), kind)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("B: 1\nA: 1\nB: 2\nA: 2", "domain rates: the templates render invalid YAML: A, B defined twice"),
        ("A: [1", "domain rates: the templates render invalid YAML: while parsing a flow sequence"),
        ("A: << neither >>", "domain rates: UndefinedError: 'neither' is undefined"),
        ("[]", "domain rates: the templates render no state machine"),
        ("""A: << "it's" | literal >>""", '"it\'s" cannot be quoted inside an expression'),
        (r"""A: << "a\\b" | literal >>""", r'"a\\b" cannot be quoted inside an expression'),
    ],
)
def test_a_wrong_template_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, template: str, message: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        rendered(monkeypatch, template)

    assert str(raised.value).startswith(message)


def test_a_value_that_is_not_json_is_named_by_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match=r"^Limits is not JSON$"):
        rendered(monkeypatch, "A: << limits | tojson >>")


def test_a_text_is_quoted_for_an_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(monkeypatch, """A: << {"a": [1, "b"]} | literal >>""") == {"A": {"a": [1, "b"]}}


@pytest.mark.parametrize(("kind", "items"), [(BOOTSTRAP, 9), (CATCH_UP, 4 * Limits().lanes)])
def test_outcomes_share_the_room_of_the_map_with_the_most_items(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, items: int
) -> None:
    """The machines clone nine clusters; a catch-up of availability writes to four tables in several lanes each."""
    of_domain = rendered(monkeypatch, "A: << outcome_characters >>", kind, "availability")

    assert of_domain == {"A": Limits().outcome_characters(items)}


def test_a_bootstrap_shares_it_among_its_tables_where_they_are_more_than_the_clusters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    catalog = customer_catalog()
    domain = catalog.domains["availability"]
    many = catalog.model_copy(
        update={"domains": {"availability": domain.model_copy(update={"tables": 3 * domain.tables})}}
    )

    assert rendered(monkeypatch, "A: << outcome_characters >>", domain="availability", catalog=many) == {
        "A": Limits().outcome_characters(12)
    }


def test_what_the_product_creates_has_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(monkeypatch, "A: << system >>") == {"A": "rates-avail-migration-bootstrap"}
