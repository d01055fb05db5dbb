# The two to know: `make run` and `make test`. `make help` lists the rest.
NAME   := nachtwacht
LISTEN ?= 127.0.0.1:3100
WASM   := wasm32-unknown-unknown
FRONT  := target/front/$(WASM)
SITE   := target/site
DIST   := target/site-release
SERVER := target/debug/$(NAME)
PACK   := cargo run -q -p pack --target-dir target/pack --

# rustc spends its time on scattered memory; huge pages roughly halve a build on a busy machine
export MALLOC_CONF := thp:always

# Frontend and packer have target folders of their own: the three builds then never invalidate each other,
# as long as no command changes RUSTFLAGS, a profile or a feature.
frontend-debug   := cargo build -p frontend --target $(WASM) --target-dir target/front
frontend-release := $(frontend-debug) --profile wasm-release
pack-debug       := $(PACK) $(FRONT)/debug/frontend.wasm $(SITE) $(NAME)
pack-release     := $(PACK) $(FRONT)/wasm-release/frontend.wasm $(DIST) $(NAME) --release

# $(call step,title,command): says what it does, how it ended and how long it took
define step
	@printf '\n== %s\n' '$(1)'; start=$$(date +%s); \
	if $(2); then printf '== %s: ok, %s s\n' '$(1)' $$(($$(date +%s) - start)); \
	else printf '== %s: FAILED after %s s\n' '$(1)' $$(($$(date +%s) - start)); exit 1; fi
endef

.DEFAULT_GOAL := help
.PHONY: help setup setup-build setup-test run dev test build bench bench-peers fmt debug dist
# cargo uses every core by itself; two of them would only wait for each other's lock
.NOTPARALLEL:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: setup-build setup-test ## everything a fresh checkout needs
setup-build: ## what building and running need (wasm target)
	@bash tools/setup.sh build
setup-test: ## what the tests need beside that (npm packages, a browser, hledger)
	@bash tools/setup.sh test

run: debug ## build and serve the demo on LISTEN (127.0.0.1:3100)
	$(SERVER) serve --data target/demo --listen $(LISTEN) --site $(SITE) --demo

# A failed build leaves the last good server running.
dev: setup-build ## the same, rebuilt and restarted at every change
	@pid=; trap '[ -z "$$pid" ] || kill $$pid 2>/dev/null' EXIT; trap 'exit 130' INT TERM; \
	while :; do \
	  touch target/dev.stamp; \
	  if $(MAKE) --no-print-directory debug; then \
	    [ -z "$$pid" ] || { kill $$pid 2>/dev/null; wait $$pid 2>/dev/null; }; \
	    $(SERVER) serve --data target/demo --listen $(LISTEN) --site $(SITE) --demo & pid=$$!; \
	  else echo 'dev: the build failed; waiting for the next change'; fi; \
	  until [ -n "$$(find Cargo.toml Cargo.lock app server frontend style public -newer target/dev.stamp -type f -print -quit)" ]; \
	  do sleep 1; done; \
	done

debug: setup-build
	cargo build -p server
	$(frontend-debug)
	$(pack-debug)

test: setup ## links, format, dependencies, lints, unit and browser tests
	$(call step,links,node tools/check-links.mjs)
	$(call step,format,cargo fmt --all --check)
	$(call step,dependencies,node tools/check-deps.mjs && node tools/check-circles.mjs)
	$(call step,lints,cargo clippy --all-targets -- -D warnings)
	$(call step,unit tests,cargo test)
	$(call step,server,cargo build -p server)
	$(call step,frontend,$(frontend-debug) && $(pack-debug))
	$(call step,sizes,node tools/sizes.mjs $(SITE))
	$(call step,browser tests,bash tools/e2e.sh $(SERVER))
	@node tools/rows.mjs

build: dist ## one release binary with the site inside: target/release/nachtwacht
	NACHTWACHT_SITE=$(abspath $(DIST)) cargo build -p server --release

dist: setup-build
	$(frontend-release)
	$(pack-release)

# the same NACHTWACHT_SITE as in `build`: another value would run the server's build script again
bench: dist ## speed and size, in release
	cargo bench -p domain
	NACHTWACHT_SITE=$(abspath $(DIST)) cargo bench -p engine
	NACHTWACHT_SITE=$(abspath $(DIST)) cargo bench -p server
	NACHTWACHT_SITE=$(abspath $(DIST)) cargo build -p server --release
	node tools/figures.mjs target/release/$(NAME) $(DIST)
	node tools/sizes.mjs $(DIST)

bench-peers: setup build ## beside other queues, and next runs a second beside croner's: alone on the machine
	bash tools/setup.sh peers
	node tools/croner.mjs
	node tools/peers/bench.mjs $(PEERS)

fmt: ## format the Rust code
	cargo fmt --all
