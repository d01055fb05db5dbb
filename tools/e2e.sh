#!/usr/bin/env bash
# Drives the real program with a real browser: `e2e.sh BIN [playwright arguments]`.
# Each of the workers has a server with a port and a data folder of its own, so that tests in different files never
# see each other's tasks, and nothing else running here is touched.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD

[ $# -ge 1 ] || { echo "usage: e2e.sh BIN [playwright arguments]" >&2; exit 1; }
bin=$(realpath -e "$1") || { echo "e2e: $1 is missing: run make test, or build the server first" >&2; exit 1; }
shift
site=$(realpath -e target/site) || { echo "e2e: target/site is missing: pack the frontend first" >&2; exit 1; }
workers=${E2E_WORKERS:-3}

(cd end2end && node_modules/.bin/tsc --noEmit)
# an old result must not prove anything
rm -rf end2end/test-results

dir=$(mktemp -d)
pids=() urls="" demos=""

finish() {
  local code=$?
  trap - EXIT
  kill "${pids[@]}" 2>/dev/null || true
  # a server that does not stop when asked must not hang the tests
  for pid in "${pids[@]}"; do
    for _ in {1..100}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  if [ "$code" != 0 ]; then
    echo "e2e: what the servers warned of last:" >&2
    grep -hE 'WARN|ERROR|panicked' "$dir"/*.log | tail -n 10 >&2 || true
    # last, because a reader of a long log begins at its end
    node "$here/tools/failed.mjs" >&2 || true
  fi
  rm -rf "$dir"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

for n in $(seq "$workers"); do
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
  "$bin" serve --data "$dir/data$n" --listen "127.0.0.1:$port" --site "$site" --disk-alert 0 --demo >"$dir/server$n.log" 2>&1 &
  pids+=($!)
  urls+=${urls:+,}http://127.0.0.1:$port
  demos+=${demos:+,}$dir/data$n/demo.json
done

export E2E_WORKERS=$workers BASE_URLS=$urls DEMO_JSONS=$demos NACHTWACHT_BIN=$bin NACHTWACHT_SITE_DIR=$site
cd end2end
node_modules/.bin/playwright test "$@"
