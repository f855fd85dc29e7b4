# Everything a person does with Patchbay. Needed: Rust (rustup, stable), Python 3.11 or later, Node 20, make.
# What else is needed is fetched once, with pinned versions, into folders that git ignores (.tools, node_modules).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .tools/venv
export RUFF_CACHE_DIR := $(CURDIR)/.tools/ruff
# Python compiles what it imports, once: compiling all of what is installed takes longer than installing it.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.tools/pycache
VENV_READY := $(VENV)/.ready
PACKAGING := .tools/packaging
PACKAGING_READY := $(PACKAGING)/.ready
LOCAL := PYTHONPATH=$(CURDIR)/infra $(VENV)/bin/python -m local
UNITTEST := PYTHONPATH=$(CURDIR)/infra:$(CURDIR)/tests/infra $(CURDIR)/$(VENV)/bin/python -m unittest
FUNCTIONS := $(notdir $(patsubst %/,%,$(wildcard functions/*/)))
EXAMINERS := tests/simulators/examiners
EXAMINERS_READY := $(EXAMINERS)/node_modules/.ready
LIBRARIES := .tools/examiners
LIBRARIES_READY := $(LIBRARIES)/.ready
SCHEMAS_READY := .tools/schemas/.ready
AUDIT := .tools/audit
AUDIT_READY := $(AUDIT)/.ready
CARGO_TOOLS := PATH="$(CURDIR)/.tools/cargo/bin:$$PATH"
SCHEMATHESIS := .tools/schemathesis
SCHEMATHESIS_READY := $(SCHEMATHESIS)/.ready
ARCHITECTURE ?= arm64
BUILT := $(or $(CARGO_TARGET_DIR),target)
say = @printf '\n\033[1m== %s\033[0m\n' "$(1)"

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(VENV_READY) ## Start everything and watch recordings and plans arrive in Notion
	@$(LOCAL) demo

.PHONY: run
run: $(VENV_READY) ## Start the whole product on this machine (PORT=8787) until Ctrl-C
	@$(LOCAL) run

# USER is set in every shell, so it counts only when given on the command line.
.PHONY: token
token: $(VENV_READY) ## Print a fresh token for the running stack: make token USER=alice
	@$(LOCAL) token $(if $(filter command line,$(origin USER)),$(USER),alice)

.PHONY: invoke
invoke: $(VENV_READY) ## Send an event to a running function: make invoke FUNCTION=scheduler EVENT=events/scheduler/sweep.json
	@if [ -z "$(FUNCTION)" ] || [ -z "$(EVENT)" ]; then \
	  echo "Say which: make invoke FUNCTION=<name> EVENT=events/<name>/<file>.json"; exit 2; fi
	@$(LOCAL) invoke "$(FUNCTION)" "$(EVENT)"

.PHONY: build
build: ## Build every function and the stand-ins for this machine
	cargo build --locked --workspace --bins

.PHONY: check
check: check-rust check-infra ## Format, lints, documentation and template: the quick part of `make test`

.PHONY: check-rust
check-rust:
	$(call say,format)
	cargo fmt --all --check
	$(call say,lints)
	cargo clippy --locked --workspace --all-targets -- -D warnings
	@# The fuzzers have a lock file of their own, which grows old when domain's dependencies change.
	cargo tree --locked --quiet --manifest-path fuzz/Cargo.toml >/dev/null
	$(call say,documentation)
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --lib --no-deps --quiet

.PHONY: check-infra
check-infra: $(VENV_READY)
	$(call say,template and local stack)
	$(VENV)/bin/cfn-lint infra/template.yaml
	$(VENV)/bin/ruff check --quiet infra tests/infra tests/journeys tests/audit $(EXAMINERS)
	$(VENV)/bin/ruff format --check --quiet infra tests/infra tests/journeys tests/audit $(EXAMINERS)
	MYPYPATH=infra:tests/infra:tests/journeys $(VENV)/bin/mypy --no-error-summary --cache-dir .tools/mypy \
	  --config-file infra/pyproject.toml infra/local tests/infra tests/journeys tests/audit
	cd tests/infra && $(UNITTEST) discover -s . -p 'test_*.py'
	@# A breakage that does not apply any more breaks nothing.
	for breakage in tests/audit/breakages/*.patch; do git apply --check "$$breakage" || exit 1; done

.PHONY: test
test: ## Every check there is; what has to pass before a change is merged
	@# Tools are fetched while the code is checked: neither needs both cores all the time.
	@started=$$SECONDS; \
	$(MAKE) --jobs=2 check tools; \
	for part in test-rust test-examiners test-stack; do $(MAKE) $$part; done; \
	printf '\n\033[1mAll checks passed in %d min %02d s.\033[0m\n' $$(((SECONDS-started)/60)) $$(((SECONDS-started)%60))

.PHONY: tools
tools: $(VENV_READY) $(SCHEMAS_READY) $(SCHEMATHESIS_READY)

# Plain `cargo test` skips the checks against what vendors publish while it was not fetched; here they must run.
.PHONY: test-rust
test-rust: schemas
	$(call say,tests)
	PATCHBAY_VENDORS=required cargo test --locked --workspace --quiet

.PHONY: schemas
schemas: $(SCHEMAS_READY) ## Make JSON Schemas from the vendors' own packages, for the tests

# The providers' own libraries examine the stand-ins.
.PHONY: test-examiners
test-examiners: $(EXAMINERS_READY) $(LIBRARIES_READY)
	$(call say,official libraries against the stand-ins)
	@cargo build --locked --workspace --bins --quiet
	@EXAMINERS_PYTHON=$(CURDIR)/$(LIBRARIES)/bin/python npm run --silent examine --prefix $(EXAMINERS)

.PHONY: test-stack
test-stack: $(VENV_READY) ## What is deployed, the story of the demo, and the journeys, on a real local stack
	$(call say,local stack)
	@$(LOCAL) with -- $(MAKE) test-running-stack

.PHONY: test-running-stack
test-running-stack: $(VENV_READY)
	@cd tests/infra && $(UNITTEST) discover -s . -p 'deployed_*.py'
	@$(LOCAL) story
	@$(MAKE) journeys

.PHONY: journeys
journeys: $(VENV_READY) $(SCHEMATHESIS_READY) ## What an outside client relies on, on the running stack (or PATCHBAY_STACK=path/to/stack.json)
	@cd tests/journeys && $(UNITTEST) discover -s . -p 'test_*.py'

.PHONY: openapi
openapi: ## Write the contract from the code to functions/api/src/openapi.json
	WRITE_OPENAPI=1 cargo test --locked --package tests --test it -- the_published_contract_is_made_from_the_code

.PHONY: docs
docs: ## Write the measured accuracy of drafts by rules to docs/EXTRACTION.md
	WRITE_DOCS=1 cargo test --locked --package domain --lib -- the_docs_tell_how_good_drafts_by_rules_are

.PHONY: simulate
simulate: ## Run the whole backend under seeded misfortune: make simulate SEEDS=10000 [FIRST=1], or SEED=42 once more
	SIMULATION_SEEDS="$(or $(SEEDS),1000)" SIMULATION_FIRST="$(or $(FIRST),1)" \
	  $(if $(SEED),SIMULATION_SEED="$(SEED)") $(if $(STRIKE),SIMULATION_STRIKE="$(STRIKE)") \
	  cargo test --locked --profile simulation --package tests -- the_whole_backend --nocapture

.PHONY: fuzz
fuzz: ## Feed invented bytes to what reads them: make fuzz MINUTES=20 TARGET=webvtt (or claims, markdown, rules, ticket)
	@fuzz/run.sh "$(or $(TARGET),webvtt)" "$(or $(MINUTES),20)"

.PHONY: package
package: $(PACKAGING_READY) ## Build and zip what is deployed, into .patchbay (ARCHITECTURE=arm64 or x86_64)
	@infra/package.sh "$(ARCHITECTURE)" "$(PACKAGING)" $(FUNCTIONS)

.PHONY: bench
bench: ## Measure every function's release build, and Node.js beside it, and write docs/BENCHMARKS.md
	cargo build --locked --release $(FUNCTIONS:%=--package %)
	cargo build --locked --release --package bench
	npm ci --prefix bench/node --loglevel=error
	npm run --silent build --prefix bench/node
	cargo bench --locked --quiet --package domain --bench webvtt >$(BUILT)/webvtt.txt
	$(BUILT)/release/bench $(BUILT)/release bench/node/dist/index.cjs $(BUILT)/webvtt.txt docs/BENCHMARKS.md

.PHONY: bench-exports
bench-exports: $(EXAMINERS_READY) ## How many calls exports take, and a script with Notion's own client that rewrites pages (for docs/EXPORTS.md)
	EXPORT_TASKS=10,100,1000,2000 cargo test --locked --workspace --test it -- --nocapture no_export_takes_more_calls
	cargo build --locked --workspace --bins --quiet
	npm run --silent rewrite --prefix $(EXAMINERS) -- 10,100,1000,2000

.PHONY: deploy
deploy: package ## Package, then deploy to the AWS account of the current credentials (asks what it needs to know)
	$(PACKAGING)/bin/sam deploy --guided --template infra/template.yaml --stack-name patchbay \
	  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND

# Hours, most of them for the mutants, which come last: one that survives ends it. docs/AUDIT.md has the last figures.
.PHONY: audit
audit: audit-template audit-dependencies coverage conditions breakages mutants ## What takes too long for every change: dependencies, template, coverage, breakages, mutants

.PHONY: audit-dependencies
audit-dependencies: .tools/cargo/bin/cargo-deny ## Licences, banned and vulnerable dependencies
	$(call say,dependencies)
	$(CARGO_TOOLS) cargo deny --all-features check licenses bans sources
	@$(CARGO_TOOLS) cargo deny --all-features fetch db || { \
	  echo "NOT CHECKED: whether a dependency is vulnerable. The database could not be fetched (see above)."; exit 1; }
	$(CARGO_TOOLS) cargo deny --all-features check advisories

.PHONY: audit-template
audit-template: $(PACKAGING_READY) $(AUDIT_READY) ## The template, as AWS's and a security company's tools see it
	$(call say,template)
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-central-1} \
	  $(PACKAGING)/bin/sam validate --lint --template infra/template.yaml
	$(AUDIT)/bin/checkov --config-file infra/checkov.yaml --file infra/template.yaml

.PHONY: coverage
coverage: ## Which lines the Rust tests run, for each crate (PACKAGES="--package store" for some)
	$(call say,coverage)
	@rustup component add llvm-tools
	@$(PYTHON) tests/audit/coverage.py $(PACKAGES)

.PHONY: conditions
conditions: ## Whether a test notices each part of a condition that the table no longer checks
	$(call say,conditions)
	@$(PYTHON) tests/audit/conditions.py

.PHONY: breakages
breakages: ## Whether the simulation finds what is broken on purpose (ONLY="03 undo" for some, SEEDS=1000, FIRST=1)
	$(call say,breakages)
	@$(PYTHON) tests/audit/breakages.py --seeds "$(or $(SEEDS),1000)" --first "$(or $(FIRST),1)" $(ONLY)

# The build folder is shared: what our crates are built on is built already. Ten runs of the simulation are what one
# change can wait for; each change would otherwise take the 200 of every other test run.
.PHONY: mutants
mutants: .tools/cargo/bin/cargo-mutants ## Whether a test notices each small change of what must not be wrong (.cargo/mutants.toml; FILE=shared/store/src/key.rs)
	$(call say,mutants)
	SIMULATION_SEEDS=10 CARGO_TARGET_DIR=$(CURDIR)/target $(CARGO_TOOLS) cargo mutants --jobs 1 $(if $(FILE),--file "$(FILE)")

.PHONY: clean
clean: ## Remove everything that was built or fetched
	cargo clean
	rm -rf .patchbay .tools $(EXAMINERS)/node_modules fuzz/target bench/node/node_modules bench/node/dist

# ---- Tools, each installed once ----------------------------------------------------------------------------------

# A folder of Python tools: which folder, and what they are. Hashes count where a file has them.
define python_tools
@echo "Installing $(2) into $(1) (once)"
@$(PYTHON) -m venv --clear $(1) || { echo "Python's venv module is missing (Debian: apt install python3-venv)."; exit 1; }
@$(1)/bin/pip install --quiet --disable-pip-version-check --no-compile -r $< || { \
  echo "They could not be installed. Check the network, then run make again."; exit 1; }
@touch $@
endef

$(VENV_READY): infra/local/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is older than 3.11. Install Python 3.11 or later, or name one: make PYTHON=python3.12"; exit 1; }
	$(call python_tools,$(VENV),the local stack's tools)

$(PACKAGING_READY): infra/package-requirements.txt
	$(call python_tools,$(PACKAGING),the packaging tools)

$(EXAMINERS_READY): $(EXAMINERS)/package-lock.json
	@echo "Installing the vendors' own libraries into $(EXAMINERS)/node_modules (once)"
	@npm ci --prefix $(EXAMINERS) --no-audit --no-fund --loglevel=error || { \
	  echo "They could not be installed. Check the network and that Node is 20 or later, then run make again."; exit 1; }
	@touch $@

$(SCHEMAS_READY): $(EXAMINERS_READY) $(LIBRARIES_READY) $(EXAMINERS)/schemas.mjs $(EXAMINERS)/google_schemas.py
	@echo "Making schemas from the vendors' own libraries (once)"
	@node $(EXAMINERS)/schemas.mjs $(@D)
	@$(LIBRARIES)/bin/python $(EXAMINERS)/google_schemas.py $(@D)/google.json
	@touch $@

$(LIBRARIES_READY): $(EXAMINERS)/requirements.txt
	$(call python_tools,$(LIBRARIES),Deepgram's and Google's own libraries)

$(AUDIT_READY): infra/audit-requirements.txt
	$(call python_tools,$(AUDIT),the template's auditor)

CARGO_DENY_VERSION := 0.20.2
CARGO_MUTANTS_VERSION := 27.1.0

.tools/cargo/bin/cargo-deny .tools/cargo/bin/cargo-mutants:
	@echo "Building $(@F) (once, some minutes)"
	@cargo install --locked --quiet --root .tools/cargo \
	  --version $(if $(filter cargo-deny,$(@F)),$(CARGO_DENY_VERSION),$(CARGO_MUTANTS_VERSION)) $(@F)

$(SCHEMATHESIS_READY): tests/journeys/requirements.txt
	$(call python_tools,$(SCHEMATHESIS),what examines the contract)

.PHONY: lock-tools
lock-tools: ## Refresh the hashes of the Python tools after changing a requirements.in
	$(PYTHON) -m venv --clear .tools/lock
	.tools/lock/bin/pip install --quiet --disable-pip-version-check pip-tools==7.6.2
	for folder in infra/local tests/journeys $(EXAMINERS); do (cd $$folder && $(CURDIR)/.tools/lock/bin/pip-compile --quiet \
	  --generate-hashes --strip-extras --no-emit-find-links --no-emit-index-url --no-emit-trusted-host --no-header \
	  --output-file requirements.txt requirements.in); done
