# Every command that a person runs by hand. CI calls nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VERSION := 3.11
SAY_VERSION := -c 'import sys; print("%d.%d" % sys.version_info[:2])'
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PACKAGES := catalog statemachine infra policy release runner local lambdas/aurora_clone lambdas/run_registry lambdas/run_watch lambdas/table_writer spark/migration_spark bench
export PYTHONPATH := .:lambdas:spark
export PYTHONDONTWRITEBYTECODE := 1
ROWS ?= 100000
STACK ?= test
KEEP ?=
CUTOVER ?=
WIDE ?=
AT_ONCE ?= 3

.PHONY: help python-version install login jars release embedded demo init rehearse test test-random test-unit lint check format lock bench bench-constants scale plan stop-spark policy golden diagrams interleavings schema certificates coverage-states endings crash large cluster-proof clean oracle verdicts pulumi-cli pulumi-proof diagrams-check jsonata-check verify-aws mutants

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): requirements/lock.txt | python-version
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "The venv module is missing; install it (Debian: python3.11-venv)"; exit 2; }
	@echo "Installing the locked packages (about two minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
	@touch $@

# The locked packages need this version of Python, and .venv must have been created with it.
python-version:
	@test ! -x $(BIN)/python || test "$$($(BIN)/python $(SAY_VERSION))" = $(VERSION) || \
	  { echo "$(VENV) has Python $$($(BIN)/python $(SAY_VERSION)), but $(VERSION) is needed; remove it with: rm -r $(VENV)"; exit 2; }
	@test -x $(BIN)/python || test "$$($(PYTHON) $(SAY_VERSION))" = $(VERSION) || \
	  { echo "Python $(VERSION) is needed; name it with: make PYTHON=/path/to/python$(VERSION)"; exit 2; }

install: $(INSTALLED) $(BIN)/migrate ## Install the locked packages and the command `migrate` into .venv

$(BIN)/migrate: | $(INSTALLED)
	@ln -sfn ../../scripts/migrate $@

jars: $(INSTALLED) ## Fetch the pinned JARs: drivers, Java compiler, S3, PostgreSQL server
	@$(BIN)/python -m local.java.jars

release: $(INSTALLED) ## Build the release JAR and its entry points in build/release (fetches drivers and compiler)
	@$(BIN)/python -m release.jar

embedded: release jars

# A cut-over runs both domains four times, so it has fewer rows unless ROWS is set.
demo: embedded ## Migrate both domains on this machine (ROWS=1000000, ENGINE=mysql; CUTOVER=1 continues to the cut-over; KEEP=1 leaves it running)
	@$(BIN)/python -m local.demo $(if $(CUTOVER),--cut-over $(if $(filter file,$(origin ROWS)),,--rows $(ROWS)),--rows $(ROWS)) \
	  $(if $(ENGINE),--engine "$(ENGINE)") $(if $(KEEP),--keep)

init: $(INSTALLED) ## Propose a catalog from a dump (DUMP=my.sql, CATALOG=new-folder, DOMAIN=…)
	@$(BIN)/python -m local.rehearse.init --dump "$(DUMP)" --catalog "$(CATALOG)" $(if $(DOMAIN),--domain "$(DOMAIN)")

rehearse: embedded ## Migrate your own data on this machine (DUMP=my.sql or DATA=folder, DOMAIN=…, SPLIT=column, CATALOG=folder)
	@$(BIN)/python -m local.rehearse --domain "$(DOMAIN)" $(if $(DUMP),--dump "$(DUMP)") $(if $(DATA),--data "$(DATA)") \
	  $(if $(SPLIT),--split "$(SPLIT)") $(if $(ENCODING),--encoding "$(ENCODING)") $(if $(SEPARATOR),--separator "$(SEPARATOR)") $(if $(CATALOG),--catalog "$(CATALOG)") $(if $(KEEP),--keep)

test: embedded ## Run every test, three parts at a time (AT_ONCE=5 with more cores; logs in build/tests)
	@$(BIN)/python -m tests.layers --at-once $(AT_ONCE)

test-random: embedded ## Run the property tests with new examples (SEED=… repeats a run)
	@$(BIN)/python -m pytest --hypothesis-profile=random $(if $(SEED),--hypothesis-seed=$(SEED)) $$(grep -rl "^from hypothesis" tests --include='test_*.py')

test-unit: embedded ## Run the unit tests, which need no server
	@$(BIN)/python -m tests.layers unit --at-once $(AT_ONCE)

lint: $(INSTALLED) ## Check formatting, lint and import contracts (seconds)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports

check: lint ## Check formatting, lint, types, import contracts, scripts and workflows
	@$(BIN)/mypy $(PACKAGES)
	@.ci/lint

format: $(INSTALLED) ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .

lock: $(INSTALLED) ## Pin requirements/*.in with hashes in requirements/lock.txt
	@$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-options \
	  --output-file requirements/lock.txt requirements/dev.in
	@$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-options \
	  --output-file requirements/bench.txt requirements/bench.in

bench: jars ## Measure both Spark jobs and their peers (ROWS=500000; an hour; results in build/bench)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@$(BIN)/python -m bench all --rows $(ROWS)

bench-constants: embedded ## Measure what a row and a byte cost the Spark jobs (ROWS=200000; prints the values for runner/plan/constants.yaml)
	@$(BIN)/python -m bench constants --rows $(ROWS) --rounds 3

scale: $(INSTALLED) ## Update the tables of docs/scale.md from runner/plan/constants.yaml
	@$(BIN)/python -m bench.scale

login: $(INSTALLED) ## Log in to a stack's state, and select or create the stack (STACK=test)
	@command -v pulumi >/dev/null || { echo "pulumi is missing; install it: https://www.pulumi.com/docs/install/"; exit 2; }
	@pulumi login "$$($(BIN)/python -m runner stack state-url --environment $(STACK))"
	@PULUMI_CONFIG_PASSPHRASE= pulumi stack select --create $(STACK)

PULUMI := 3.274.0
PULUMI_SOURCE ?= https://github.com/pulumi/pulumi

pulumi-cli: ## Build Pulumi's command line and Python host in build/pulumi/bin, if they are not installed (needs Go; slow)
	@command -v go >/dev/null || { echo "go is missing; install Go 1.26 or newer, or Pulumi: https://www.pulumi.com/docs/install/"; exit 2; }
	@mkdir -p build/pulumi/cli build/pulumi/bin
	@test -d build/pulumi/source || git clone --quiet --depth 1 --branch v$(PULUMI) $(PULUMI_SOURCE) build/pulumi/source
	@cp tests/engine/cli.go.mod build/pulumi/cli/go.mod
	@mkdir -p build/pulumi/cli/host
	@cp build/pulumi/source/sdk/python/cmd/pulumi-language-python/main.go build/pulumi/cli/host/
	@cp build/pulumi/source/sdk/python/cmd/pulumi-language-python-exec build/pulumi/bin/
	@cd build/pulumi/cli && go mod tidy && go build -o ../bin/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi && \
	  go build -o ../bin/pulumi-language-python ./host

pulumi-proof: embedded ## Deploy the test stack to the embedded AWS with Pulumi's own command line (ten minutes)
	@$(BIN)/python -m tests.engine

plan: release ## Print each resource of a stack with its settings (STACK=test)
	@$(BIN)/python -m local.deploy.resource_list $(STACK)

stop-spark: $(INSTALLED) ## Stop the Spark application, so that a deployment can update it (STACK=test)
	@$(BIN)/python -m runner stop-spark --environment $(STACK)

policy: ## Install the packages of the security rules; then: pulumi preview --policy-pack policy
	@test -x build/policy-venv/bin/python || $(PYTHON) -m venv build/policy-venv
	@build/policy-venv/bin/python -m pip install --quiet --disable-pip-version-check -r policy/requirements.txt

golden: embedded ## Update the reviewed golden files in tests/golden
	@$(BIN)/python -m tests.golden

diagrams: embedded ## Draw the diagrams of docs/ from the code and a run
	@$(BIN)/python -m tests.diagrams

diagrams-check: ## Parse every diagram of the documentation with Mermaid (needs Node)
	@command -v npm >/dev/null || { echo "npm is missing; install Node.js 20 or newer"; exit 2; }
	@mkdir -p build/mermaid
	@cp tests/mermaid/package.json tests/mermaid/package-lock.json tests/mermaid/.npmrc tests/mermaid/check.mjs build/mermaid/
	@cd build/mermaid && npm ci --ignore-scripts --no-audit --no-fund --silent
	@node build/mermaid/check.mjs README.md docs/*.md docs/*/*.md

jsonata-check: ## Evaluate each recorded expression with JSONata's reference implementation (needs Node)
	@command -v npm >/dev/null || { echo "npm is missing; install Node.js 20 or newer"; exit 2; }
	@ls build/jsonata/*.jsonl >/dev/null 2>&1 || { echo "Nothing is recorded; run make test or make coverage-states first"; exit 2; }
	@cp tests/jsonata/package.json tests/jsonata/package-lock.json tests/jsonata/.npmrc tests/jsonata/check.mjs build/jsonata/
	@cd build/jsonata && npm ci --ignore-scripts --no-audit --no-fund --silent
	@node build/jsonata/check.mjs tests/golden/*.asl.json build/jsonata/*.jsonl

certificates: ## Update the certificate authorities of RDS from the pinned package (needs Node)
	@command -v npm >/dev/null || { echo "npm is missing; install Node.js 20 or newer"; exit 2; }
	@mkdir -p build/certificates
	@cp spark/certificates/package.json spark/certificates/package-lock.json spark/certificates/.npmrc \
	  spark/certificates/extract.mjs build/certificates/
	@cd build/certificates && npm ci --ignore-scripts --no-audit --no-fund --silent
	@node build/certificates/extract.mjs spark/certificates/authorities.pem

schema: $(INSTALLED) ## Generate the JSON schemas, docs/catalog.md, docs/types.md, the jobs' types and the settings in Pulumi.yaml
	@$(BIN)/python -m catalog schema
	@$(BIN)/python -m runner.report.schema
	@$(BIN)/python -m infra.settings

coverage-states: embedded ## Run every state and transition of both state machines (twenty minutes)
	@$(BIN)/python -m tests.machine.coverage

endings: embedded ## Record how each prepared execution ends in tests/machine/endings.yaml
	@$(BIN)/python -m tests.machine.coverage --state

crash: embedded ## Stop a run at each of its states and resume it (ten minutes)
	@$(BIN)/python -m tests.machine.crash

large: embedded ## Run, resume and report 40 tables over 64 clusters (five minutes)
	@$(BIN)/python -m tests.machine.large

cluster-proof: embedded ## Run both jobs on a Spark cluster, and kill its executors and driver (ROWS=20000000 [WIDE=995]: one large table)
	@$(BIN)/python -m tests.cluster $(if $(filter-out file,$(origin ROWS)),--rows $(ROWS)) $(if $(WIDE),--columns $(WIDE))

oracle: ## Build an independent DynamoDB emulator to check limits against (needs Rust's cargo; two minutes)
	@command -v cargo >/dev/null || { echo "cargo is missing; install Rust 1.88 or newer"; exit 2; }
	@cargo install dynoxide-rs --version 3.2.0 --locked --debug --quiet --no-default-features \
	  --features native-sqlite,http-server,cli --root build --target-dir build/oracle

verdicts: $(INSTALLED) oracle ## Run every case of tests/dynamodb/cases.py on that emulator, and update the table of verdicts
	@$(BIN)/python -m tests.dynamodb

mutants: embedded ## Change the code one line at a time, and print each change that no test notices (SAMPLE=40, ONLY=catalog,…; hours)
	@$(BIN)/python -m tests.mutants --at-once $(AT_ONCE) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(ONLY),--only $(ONLY)) $(if $(SURVIVORS),--survivors)

interleavings: $(INSTALLED) ## Explore every interleaving of the lock and seal protocol (hours)
	@$(BIN)/python -m tests.protocol

verify-aws: $(INSTALLED) ## Ask a real account what the embedded AWS cannot answer (STACK=test TABLE=…; costs money)
	@$(BIN)/python -m tests.aws --stack $(STACK) $(if $(DOMAIN),--domain $(DOMAIN)) $(if $(TABLE),--table $(TABLE))

clean: ## Remove builds, the virtual environment and caches
	rm -rf build $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
