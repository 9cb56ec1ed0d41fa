# The daily commands; `make help` lists them. Everything is made inside this folder (.venv, .stock, target).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_QUIET := 1

# maturin builds with this cargo profile; `make PROFILE=dev …` links faster and runs slower.
PROFILE ?= release

RUST_SOURCES := $(shell find rust -name '*.rs' -o -name 'Cargo.toml') Cargo.toml $(wildcard Cargo.lock)
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.DEFAULT_GOAL := help

.PHONY: help
help: ## Shows this list
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.made: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "locust-rs needs Python 3.11 or later; name one with make PYTHON=python3.12 …")'
	@echo "locust-rs: making the Python environment $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/.web: $(WEB_SOURCES) tools/build_backend.py | $(VENV)/.made
	@$(BIN)/python tools/build_backend.py --force
	@touch $@

# What maturin packs beside the package, see tools/locust_distribution.py.
target/locust.data: pyproject.toml tools/locust_distribution.py python/locust_rs/_version.py | $(VENV)/.made
	@$(BIN)/python tools/locust_distribution.py

$(VENV)/.core-$(PROFILE): $(RUST_SOURCES) pyproject.toml target/locust.data | $(VENV)/.made
	@command -v cargo >/dev/null || { echo "locust-rs needs Rust 1.88 or later: https://rustup.rs"; exit 1; }
	@echo "locust-rs: compiling the Rust core (a few minutes the first time)"
	@$(BIN)/maturin develop --quiet --profile $(PROFILE)
	@rm -f $(VENV)/.core-* && touch $@

.PHONY: setup
setup: $(VENV)/.web $(VENV)/.core-$(PROFILE) ## Makes .venv with the package in it, editable

.PHONY: dev
dev: $(VENV)/.core-$(PROFILE) ## Compiles the Rust core again where it changed, without the web UI

# Stock Locust and other references, each in an environment of its own.
.stock/%/.made:
	@echo "locust-rs: installing stock Locust $* as a reference"
	@$(PYTHON) -m venv .stock/$*
	@.stock/$*/bin/python -m pip install --quiet 'locust==$*'
	@touch $@

.stock/httpbin/.made:
	@echo "locust-rs: installing httpbin as a test server"
	@$(PYTHON) -m venv .stock/httpbin
	@.stock/httpbin/bin/python -m pip install --quiet httpbin waitress setuptools
	@touch $@

# Only the plug-ins themselves, whose metadata asks for stock Locust, and what their Timescale listener needs.
.stock/plugins/.made: Makefile | $(VENV)/.made
	@echo "locust-rs: installing locust-plugins as a reference"
	@$(BIN)/python -m pip install --quiet --no-deps --upgrade --target .stock/plugins/site 'locust-plugins==5.0.3' psycogreen psycopg2-binary \
		'locust-influxdb-listener==1.0.2' influxdb pytz six python-dateutil
	@touch $@

.stock/taurus/.made:
	@echo "locust-rs: installing Taurus as a reference"
	@$(PYTHON) -m venv .stock/taurus
	@.stock/taurus/bin/python -m pip install --quiet bzt setuptools
	@touch $@

# The newest source distribution of stock Locust that has its examples. Where it cannot be had, their test is skipped.
.stock/examples/.made:
	@echo "locust-rs: fetching the examples of stock Locust as a reference"
	@mkdir -p .stock/examples
	@{ $(PYTHON) -m pip download --quiet --no-deps --no-binary locust --dest .stock/examples 'locust==2.29.1' \
		&& tar -xzf .stock/examples/locust-2.29.1.tar.gz -C .stock/examples --strip-components 2 locust-2.29.1/examples; } \
		|| echo "locust-rs: no examples of stock Locust: its source distribution cannot be had here"
	@touch $@

# As an installation with `[otel]` has them.
.stock/otel/.made: pyproject.toml | $(VENV)/.made
	@echo "locust-rs: installing OpenTelemetry's SDK as a reference"
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["otel"])' \
	    | xargs $(BIN)/python -m pip install --quiet --upgrade --target .stock/otel/site
	@touch $@

target/ferretdb/ferretdb: tools/build_ferretdb.sh
	@tools/build_ferretdb.sh $@

# What cannot be built is told, and its test is skipped.
target/influxdb/influxd:
	@command -v go >/dev/null || echo "locust-rs: no Go, so no InfluxDB to test its listener with"
	@! command -v go >/dev/null || GOBIN=$(CURDIR)/target/influxdb GOFLAGS=-mod=mod \
		go install github.com/influxdata/influxdb/cmd/influxd@v1.8.10 || echo "locust-rs: InfluxDB cannot be built here"

target/helm/helm: tools/build_helm.sh
	@tools/build_helm.sh $@

.PHONY: references
references: target/ferretdb/ferretdb target/helm/helm target/influxdb/influxd .stock/2.47.0/.made .stock/2.44.4/.made .stock/examples/.made .stock/httpbin/.made .stock/plugins/.made .stock/otel/.made .stock/taurus/.made ## Installs stock Locust and other references beside it

.PHONY: demo
demo: setup ## Runs a load test against the built-in sample service
	@$(BIN)/locust-rs demo

.PHONY: check
check: setup ## What to run before a commit: format, lint, types, unit tests; under two minutes
	@$(MAKE) --no-print-directory format-check
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target unit-waiting unit-others lint unit-rust unit-web

# The unit tests in parts that run beside each other: those that mostly wait, and all others.
WAITING := $(addprefix tests/unit/,contrib rpc runners support user)

.PHONY: unit-waiting unit-others unit-rust unit-web
unit-waiting:
	@$(BIN)/python -m pytest $(WAITING) --quiet $(PYTEST_FLAGS)

unit-others:
	@$(BIN)/python -m pytest tests/architecture tests/unit $(addprefix --ignore=,$(WAITING)) --quiet $(PYTEST_FLAGS)

unit-rust:
	@cargo test --workspace --quiet

unit-web:
	@cd web && npm test

.PHONY: test
test: test-unit test-processes ## Runs all tests (Rust, Python, web)

# What fails soonest comes first. Each half has the folders of tests/ that tests/README.md says it has.
.PHONY: test-unit
test-unit: setup ## Tests without other processes: Rust, tests/unit, tests/architecture, web
	cargo test --workspace --quiet
	$(BIN)/python -m pytest tests/architecture tests/unit $(PYTEST_FLAGS)
	cd web && npm test

.PHONY: test-processes
test-processes: setup references ## Tests with real processes, servers, browsers, and stock Locust beside them
	$(BIN)/python -m pytest --ignore tests/architecture --ignore tests/unit $(PYTEST_FLAGS)

FUZZ_SECONDS ?= 60

.PHONY: fuzz
fuzz: ## Fuzzes what reads bytes from outside, FUZZ_SECONDS each (needs cargo-fuzz and a nightly compiler)
	@cargo +nightly fuzz --version >/dev/null 2>&1 || { echo "rustup toolchain install nightly && cargo install cargo-fuzz"; exit 1; }
	cargo +nightly fuzz run response -- -max_total_time=$(FUZZ_SECONDS) -max_len=4096
	cargo +nightly fuzz run decode -- -max_total_time=$(FUZZ_SECONDS) -max_len=4096
	cargo +nightly fuzz run report -- -max_total_time=$(FUZZ_SECONDS) -max_len=4096

.PHONY: format
format: $(VENV)/.web ## Formats all sources, and mends what the linters can mend safely
	cargo fmt --all
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	cd web && npm run format

.PHONY: format-check
format-check: $(VENV)/.made ## Whether `make format` would change anything in Rust or Python
	cargo fmt --all --check
	$(BIN)/ruff format --check .

.PHONY: lint
lint: format-check setup ## Style and types
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest locust_rs._core --allowlist tools/stubtest_allowlist.txt
	cargo clippy --workspace --all-targets -- -D warnings
	cd web && npm run lint

.PHONY: audit
audit: setup ## Known weaknesses, licences and sources of what we depend on; says what could not be asked
	@$(BIN)/python tools/audit.py

.PHONY: docs
docs: setup ## The documentation's site, with its generated reference, in target/docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "open target/docs/index.html"

.PHONY: release-check
release-check: setup ## Builds sdist and Linux wheels into dist/, installs and tries them; says what it could not do
	@$(BIN)/python -m pip install --quiet --group release
	@$(BIN)/python tools/release_check.py

.PHONY: clean
clean: ## Removes everything that was built
	rm -rf target $(VENV) .stock dist python/locust_rs/webui/dist web/node_modules

.PHONY: rivals
rivals: ## Installs the generators that bench-http compares with (needs Go and Cargo)
	mkdir -p .rivals/bin
	GOBIN=$(CURDIR)/.rivals/bin go install github.com/rakyll/hey@latest
	cd benches/rivals/fasthttp && go build -o $(CURDIR)/.rivals/bin/fasthttp-rival .
	cargo install --quiet --locked oha --root .rivals
	cargo install --quiet --locked --path benches/rivals/goose --root .rivals

.PHONY: bench-arrivals bench-dispatch bench-fleet bench-history bench-http bench-intended bench-latency bench-master bench-process bench-stats bench-tracing bench-verdict bench-web bench-websocket soak
bench-arrivals: setup references ## CPU per arrival, beside users that stay and stock Locust
	$(BIN)/python benches/arrivals_cost.py

bench-dispatch: setup references ## Cost of a ramp's steps on the master beside stock Locust
	$(BIN)/python benches/dispatch.py

bench-fleet: setup ## Thousands of simulated workers and a million users on one master
	$(BIN)/python benches/fleet.py

bench-history: setup ## Cost of keeping an hour with 500 endpoints, listing, opening and comparing runs
	@$(BIN)/python benches/history_cost.py

bench-http: setup references ## CPU per request: ours, stock Locust, wrk and others
	$(BIN)/python benches/http_cost.py

bench-intended: setup ## Times from the intended start beside the log of a target that stalls
	@$(BIN)/python benches/intended_start.py

bench-latency: setup references ## Reported latencies beside those that the server measured
	$(BIN)/python benches/latency_truth.py

bench-master: setup references ## A master with up to 1,000 workers: CPU, counts, answers of its web UI
	$(BIN)/python benches/master.py

bench-stats: setup references ## Cost of recording, reports and writers beside stock Locust
	$(BIN)/python benches/stats_cost.py

bench-tracing: setup references ## Cost of a request with --otel, on, off and sampled, beside stock Locust
	$(BIN)/python benches/tracing_cost.py

bench-verdict: setup ## What the generator says of its own lateness, against a target that measures itself
	@$(BIN)/python benches/verdict.py

bench-web: setup references ## Cost of the web UI's routes beside stock Locust
	$(BIN)/python benches/web_cost.py

bench-websocket: setup ## What libraries for WebSockets cost under gevent
	$(BIN)/python benches/websocket.py

bench-process: setup references ## Start-up, spawning and memory beside stock Locust
	$(BIN)/python benches/process_cost.py

soak: setup references ## The tests that take minutes
	$(BIN)/python -m pytest -m soak --timeout 3600
	cargo test --release -q -p locust-stats --test memory -- --ignored --nocapture
