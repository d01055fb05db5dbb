#!/usr/bin/env bash
# Makes a fresh checkout ready: `setup.sh build` to build and run, `setup.sh test` for the tests as well.
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
  have npm || stop "the browser tests need Node 20 or newer with npm; please install them"
  local stamp=node_modules/.installed-from
  cd end2end
  if ! cmp -s package-lock.json "$stamp"; then
    say "installing the test packages"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-fund --no-audit --loglevel=error
    cp package-lock.json "$stamp"
  fi
  cd ..
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
    npm_packages
    debian_packages
    ;;
  *) stop "usage: setup.sh build | test" ;;
esac
