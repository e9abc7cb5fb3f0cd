"""Property tests use the same examples in every run; `make test-random` draws new ones."""

from __future__ import annotations

import gc

from hypothesis import settings

from local.aws import service_models

settings.register_profile("fixed", derandomize=True, database=None)
settings.register_profile("random", derandomize=False, print_blob=True)
settings.load_profile("fixed")
service_models.install()


def pytest_collection_finish() -> None:
    """Keep what collecting made out of later garbage collections, which took a sixth of the unit tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_sessionfinish() -> None:
    """Collect garbage once: pytest collects it five times, seconds each where a test has left an embedded AWS."""
    gc.collect()
    gc.freeze()
