#!/usr/bin/env bash
# Start migrations, catch-ups and repairs and follow them: the runner's commands, with their options as environment variables too.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: scripts/run-step-functions-workflow.sh [OPTION]...

Checks the account and what would fail, finds the state machine, builds the execution's input, starts it,
follows it, and ends as it ended. Every option may be given as a flag or as an environment variable; a flag wins.

  --action ACTION      ACTION        migrate (default), catch-up, or repair (of the run that RUN_ID names)
  --environment NAME   ENVIRONMENT   test or prod
  --domain NAME        DOMAIN        a domain of the catalog, or all
  --table NAME         TABLE         of a rehearsal: this table of the domain alone; several with blanks between
  --mode MODE          MODE          rehearsal (default of a migration) or official (of a catch-up)
  --parallelism N      PARALLELISM   clusters and tables at once, 1 to 40
  --run-id ID          RUN_ID        the run id; that of a failed run goes on with it
  --jar-key KEY        JAR_KEY       this release JAR instead of the newest
  --for-minutes N      FOR_MINUTES   detach after so many minutes; the migration goes on
  --max-delete-percent N   MAX_DELETE_PERCENT   of a catch-up or repair: deletions of a table's items
  --max-change-percent N   MAX_CHANGE_PERCENT   of a catch-up or repair: changes of a table's items
  --writes-per-second N    WRITES_PER_SECOND    of a catch-up or repair: to all tables together
  --requested-by NAME  REQUESTED_BY  who asks for it, by default this user
  --approved-by NAME   APPROVED_BY   the second person who approved it, where the stack asks for one
  --keep-clones        KEEP_CLONES=true   leave the clones at the end
  --skip-plan          SKIP_PLAN=true     do not look first what would fail
  --yes                YES=true      start an official run without asking
  --detach             DETACH=true   start and return at once
  --json                             write one JSON document to standard output

AWS credentials, Region and endpoint are the usual AWS_... variables.
Exit codes: 0 done, 1 the migration failed, 2 usage or configuration, 130 interrupted or detached.
USAGE
}

for argument in "$@"; do
  if [[ $argument == --help || $argument == -h ]]; then
    usage
    exit 0
  fi
done

cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-.venv/bin/python}
if ! command -v "$python" >/dev/null; then
  echo "error: $python is missing; run: make install" >&2
  exit 2
fi

# The runner reads MIGRATION_... so that it never takes another program's ENVIRONMENT or MODE for its own.
for name in ENVIRONMENT DOMAIN MODE PARALLELISM RUN_ID JAR_KEY FOR_MINUTES REQUESTED_BY APPROVED_BY KEEP_CLONES \
  SKIP_PLAN YES DETACH TABLE MAX_DELETE_PERCENT MAX_CHANGE_PERCENT WRITES_PER_SECOND; do
  if [[ -n ${!name:-} ]]; then
    export "MIGRATION_$name=${!name}"
  fi
done

action=${ACTION:-migrate}
rest=()
while (($#)); do
  case $1 in
    --action) action=${2:-} && shift ;;
    --action=*) action=${1#*=} ;;
    *) rest+=("$1") ;;
  esac
  shift
done
case $action in
  migrate) exec "$python" -m runner start "${rest[@]}" ;;
  catch-up) exec "$python" -m runner catch-up "${rest[@]}" ;;
  repair)
    if [[ -z ${RUN_ID:-} ]]; then
      echo "error: a repair needs RUN_ID, the run whose comparison found differences" >&2
      exit 2
    fi
    exec "$python" -m runner repair "$RUN_ID" "${rest[@]}"
    ;;
  *)
    echo "error: --action: '$action' is not migrate, catch-up or repair" >&2
    exit 2
    ;;
esac
