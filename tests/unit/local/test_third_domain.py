"""A third domain in the catalog leaves the demo with the customer's clusters and domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.loader import load_catalog
from local.source_data import Bookings, domains_with_data
from tests.customer import DOMAINS, customer_catalog
from tests.functional.tutorial import catalog_after_the_tutorial

if TYPE_CHECKING:
    from pathlib import Path


def test_the_demo_serves_the_clusters_and_domains_of_the_bookings(tmp_path: Path) -> None:
    catalog = load_catalog(catalog_after_the_tutorial(tmp_path))
    clusters = Bookings(10, print).clusters(catalog)

    assert "film-rental" in catalog.domains
    assert {cluster.identifier for cluster in clusters} == set(customer_catalog().clusters)
    assert domains_with_data(catalog, clusters) == sorted(DOMAINS)
