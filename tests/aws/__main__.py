"""Checks in a real account that the embedded AWS cannot do: `make verify-aws STACK=test DOMAIN=rates TABLE=…`.

They cost as much as a rehearsal of one table: clones of all clusters for its duration.
"""

from __future__ import annotations

import argparse
import sys

from catalog.loader import load_catalog
from runner.account.environments import load_environment
from runner.errors import UsageError
from tests.aws.one_table import migrate, verdict
from tests.aws.questions import problems


def main() -> int:
    """Run the validators, then migrate one table; return 0 if both succeed."""
    parser = argparse.ArgumentParser(prog="verify-aws", description=__doc__)
    parser.add_argument("--stack", default="test", help="a deployed stack, not prod (default: test)")
    parser.add_argument("--domain", default="rates")
    parser.add_argument("--table", default="", help="table to migrate; without it only the validators run")
    arguments = parser.parse_args()
    if arguments.stack == "prod":
        parser.error("prod is not a test stack; use another --stack")
    environment = load_environment(arguments.stack)
    complaints = list(problems(environment))
    print("\n".join(complaints) or "the validators accept the deployed definitions and policies")
    if not arguments.table:
        return 1 if complaints else 0
    ended = verdict(migrate(environment, load_catalog(), arguments.domain, arguments.table, tell=print))
    print(f"{arguments.table}: {ended}")
    return 1 if complaints or ended != "MATCH" else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (UsageError, ValueError) as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
