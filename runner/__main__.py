"""The operator's command line: `migrate --help`, or `python -m runner --help`."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from runner.commands import load
from runner.console import USAGE, complain
from runner.errors import RunnerError


def main() -> None:
    """Run the command line; an error prints one sentence and exits with code 2."""
    signal.signal(signal.SIGTERM, _interrupt)  # a cancelled CI job detaches as Ctrl-C does
    try:
        load()(prog_name="migrate")
    except (RunnerError, BotoCoreError, ClientError) as error:
        complain(f"error: {error}")
        sys.exit(USAGE)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
