#!/usr/bin/env bash
# Drives the real program with a real browser: `e2e.sh BIN [playwright arguments]`.
# The server gets a port and a data folder of its own, so that nothing else running here is touched.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 1 ] || { echo "usage: e2e.sh BIN [playwright arguments]" >&2; exit 1; }
bin=$(realpath -e "$1") || { echo "e2e: $1 is missing: run make test, or build the server first" >&2; exit 1; }
shift
site=$(realpath -e target/site) || { echo "e2e: target/site is missing: pack the frontend first" >&2; exit 1; }

(cd end2end && node_modules/.bin/tsc --noEmit)
# an old result must not prove anything
rm -rf end2end/test-results

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
dir=$(mktemp -d)
"$bin" serve --data "$dir/data" --listen "127.0.0.1:$port" --site "$site" --demo >"$dir/server.log" 2>&1 &
pid=$!

finish() {
  local code=$?
  trap - EXIT
  kill "$pid" 2>/dev/null || true
  # a server that does not stop when asked must not hang the tests
  for _ in {1..100}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  if [ "$code" != 0 ]; then
    echo "e2e: the last lines of the server's log:" >&2
    tail -n 60 "$dir/server.log" >&2
  fi
  rm -rf "$dir"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

export BASE_URL=http://127.0.0.1:$port DEMO_JSON=$dir/data/demo.json NACHTWACHT_BIN=$bin NACHTWACHT_SITE_DIR=$site
cd end2end
node_modules/.bin/playwright test "$@"
