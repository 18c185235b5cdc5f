# Development tasks. Each target only calls cargo and the scripts in tools/.
SHELL := /bin/bash
.NOTPARALLEL:
.DEFAULT_GOAL := help

CARGO := tools/cargo.sh
# Extra arguments for `make run`, `make demo`, `make bench` and `make mutants`: make run ARGS="--addr 127.0.0.1:8080"
ARGS :=

.PHONY: help setup run build dev demo check lint test e2e shots bench mutants clean
help: ## List the targets
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 12

setup: ## Install what building and testing need, if it is missing
	@tools/setup.sh wasm node browser postgres deny

run: ## Build without optimisations and serve on this machine
	@exec tools/run.sh $(ARGS)

build: ## Build the release; the last line is the path of the program
	@tools/setup.sh wasm node
	$(CARGO) run -q --locked -p bundle
	$(CARGO) build --locked -p server --release
	@tools/binary.sh

dev: ## Serve, rebuild and reload the pages on every change
	@tools/setup.sh wasm dev
	$(CARGO) leptos watch

demo: build ## Serve from a temporary folder with robots as guests
	tools/demo.sh $(ARGS)

check: format clippy rules ## Check formatting and lints, run unit and HTTP tests

lint: format clippy deny ## Check formatting, lints, licences and dependencies between crates

test: ## Everything that CI runs, with the minutes of each stage
	@MAKE="$(MAKE)" tools/stages.sh setup format clippy doc rules deny build playwright bytes

e2e: build playwright ## Run the browser tests against the release

shots: build ## Write a screenshot of every state of every page to shots/
	@tools/setup.sh node browser
	rm -rf shots
	cd end2end && CREMA_BIN="$$(../tools/binary.sh)" npx --no-install playwright test --config shots.config.ts

bench: build ## Measure the release on this machine and print a table; ARGS=--quick for a short run
	$(CARGO) run -q --locked --release -p bench -- "$$(tools/binary.sh)" $(ARGS)

mutants: ## Check that the domain tests detect changed rules; ARGS="--shard 0/8" for an eighth of the mutants
	@tools/setup.sh wasm mutants
	tools/mutants.sh $(ARGS)

clean: ## Delete everything that was built
	$(CARGO) clean
	rm -rf dist node_modules end2end/node_modules mutants.out mutants.out.old

# --- stages that several targets share

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
	CREMA_TEST_POSTGRES=required $(CARGO) test --workspace --locked --no-fail-fast

deny:
	@tools/setup.sh wasm deny
	tools/deny.sh

playwright:
	@tools/setup.sh node browser
	cd end2end && CREMA_BIN="$$(../tools/binary.sh)" npx --no-install playwright test

bytes:
	@tools/setup.sh wasm node
	$(CARGO) run -q --locked -p bundle
