# What is done to this house. Each target only calls cargo and the programs in tools/, where the work is.
SHELL := /bin/bash
.NOTPARALLEL:
.DEFAULT_GOAL := help

CARGO := tools/cargo.sh
# More words for `make run` and `make demo`: make run ARGS="--addr 127.0.0.1:8080"
ARGS :=

.PHONY: help setup run build dev demo check lint test e2e shots bench mutants clean
help: ## What can be made
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 12

setup: ## All that building and testing need, where it is missing
	@tools/setup.sh wasm node browser postgres deny

run: build ## Build and serve on this machine
	@exec "$$(tools/binary.sh)" $(ARGS)

build: ## The release; the last line is the path of its one file
	@tools/setup.sh wasm node
	$(CARGO) run -q --locked -p bundle
	$(CARGO) build --locked -p server --release
	@tools/binary.sh

dev: ## Serve, build again and reload the page on every change
	@tools/setup.sh wasm dev
	$(CARGO) leptos watch

demo: build ## A bar in a scratch folder with robots for guests
	tools/demo.sh $(ARGS)

check: format clippy rules ## Formatting, lints, unit and HTTP tests

lint: format clippy deny ## Formatting, lints, licences and the walls between crates

test: ## Everything that CI runs, with the minutes of each stage
	@MAKE="$(MAKE)" tools/stages.sh setup format clippy doc rules deny build playwright bytes

e2e: build playwright ## The tests in a browser against the release

shots: build ## A picture of every state of every page, into shots/
	@tools/setup.sh node browser
	rm -rf shots
	cd end2end && CREMA_BIN="$$(../tools/binary.sh)" npx --no-install playwright test --config shots.config.ts

bench: build ## The figures of the release on this machine, as a table; ARGS=--quick for a glance
	$(CARGO) run -q --locked --release -p bench -- "$$(tools/binary.sh)" $(ARGS)

mutants: ## Whether the tests of the rules notice when a rule is changed; ARGS="--shard 0/8" for an eighth of it
	@tools/setup.sh wasm mutants
	tools/mutants.sh $(ARGS)

clean: ## Forget all that was built
	$(CARGO) clean
	rm -rf dist node_modules end2end/node_modules mutants.out mutants.out.old

# --- the stages that the targets above share

.PHONY: format clippy doc rules deny playwright bytes
format:
	@tools/setup.sh wasm
	$(CARGO) fmt --all --check

clippy:
	@tools/setup.sh wasm
	tools/clippy.sh --workspace --all-targets
	tools/clippy.sh -p frontend --target wasm32-unknown-unknown --features ordering,display,barista

doc:
	@tools/setup.sh wasm
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked

rules:
	@tools/setup.sh wasm postgres
	$(CARGO) test --workspace --locked --no-fail-fast

deny:
	@tools/setup.sh wasm deny
	tools/deny.sh

playwright:
	@tools/setup.sh node browser
	cd end2end && CREMA_BIN="$$(../tools/binary.sh)" npx --no-install playwright test

bytes:
	@tools/setup.sh wasm node
	$(CARGO) run -q --locked -p bundle
