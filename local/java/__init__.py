"""Java without an installed Java: a runtime from PyPI, pinned JARs, and the release JAR built here."""
