#!/usr/bin/env bash
# Start migrations, catch-ups and repairs, and follow them. Options may be environment variables too.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: scripts/run-step-functions-workflow.sh [OPTION]...

Checks the account and runs the pre-flight plan, starts the state machine, follows the execution, and exits by its
result. Every option is a flag or an environment variable; a flag wins.

  --action ACTION      ACTION        migrate (default), catch-up, or repair (of the run that RUN_ID names)
  --environment NAME   ENVIRONMENT   test or prod
  --domain NAME        DOMAIN        a domain of the catalog, or all
  --table NAME         TABLE         of a rehearsal: only this table of the domain; separate several by spaces
  --mode MODE          MODE          rehearsal (default of a migration) or official (of a catch-up)
  --parallelism N      PARALLELISM   concurrent clusters and tables, 1 to 40
  --run-id ID          RUN_ID        the run id; the id of a failed run resumes it
  --jar-key KEY        JAR_KEY       use this release JAR instead of the newest
  --for-minutes N      FOR_MINUTES   detach after this many minutes; the migration continues
  --max-delete-percent N   MAX_DELETE_PERCENT   of a catch-up or repair: the most deletions, in percent of a table's items
  --max-change-percent N   MAX_CHANGE_PERCENT   of a catch-up or repair: the most changes, in percent of a table's items
  --writes-per-second N    WRITES_PER_SECOND    of a catch-up or repair: the writes a second to all tables together
  --requested-by NAME  REQUESTED_BY  the requester (default: current user)
  --approved-by NAME   APPROVED_BY   the second person, who approved it, if the stack needs one
  --keep-clones        KEEP_CLONES=true   keep the clones at the end
  --skip-plan          SKIP_PLAN=true     skip the pre-flight plan
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

# The runner reads MIGRATION_... because other programs set ENVIRONMENT and MODE too.
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
      echo "error: a repair needs RUN_ID, the run whose comparison reported differences" >&2
      exit 2
    fi
    exec "$python" -m runner repair "$RUN_ID" "${rest[@]}"
    ;;
  *)
    echo "error: --action: '$action' is not migrate, catch-up or repair" >&2
    exit 2
    ;;
esac
