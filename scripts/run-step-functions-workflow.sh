#!/usr/bin/env bash
# Start a migration and follow it. Options by flag (see --help) or by environment variable:
# ENVIRONMENT, DOMAIN, MODE, PARALLELISM, RUN_ID, JAR_KEY.
set -euo pipefail
cd "$(dirname "$0")/.."

python=.venv/bin/python
if [[ ! -x $python ]]; then
  echo "error: $python is missing; run: make install" >&2
  exit 2
fi

arguments=()
for name in ENVIRONMENT DOMAIN MODE PARALLELISM RUN_ID JAR_KEY; do
  if [[ -n ${!name:-} ]]; then
    option=${name,,}
    arguments+=("--${option//_/-}" "${!name}")
  fi
done

exec "$python" -m runner start "${arguments[@]}" "$@"
