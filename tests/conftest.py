"""Property tests use the same examples in every run; `make test-random` draws new ones."""

from __future__ import annotations

from hypothesis import settings

from local.aws import service_models

settings.register_profile("fixed", derandomize=True, database=None)
settings.register_profile("random", derandomize=False, print_blob=True)
settings.load_profile("fixed")
service_models.install()
