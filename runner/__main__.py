"""The operator's command line: `python -m runner --help`."""

from __future__ import annotations

import sys

from runner.commands import load
from runner.errors import UsageError
from runner.output import USAGE, complain


def main() -> None:
    """Run the command line; a usage error is one sentence and exit code 2."""
    try:
        load()()
    except UsageError as error:
        complain(f"error: {error}")
        sys.exit(USAGE)


if __name__ == "__main__":
    main()
