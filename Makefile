# Debian's shell, the Swift toolchain from PATH or from its usual place, everything else by scripts/.
export PATH := $(PATH):/opt/swift/usr/bin
export LC_ALL := C.UTF-8

BINARY := .build/release/claude-proxy
TSAN_BINARY := .build/tsan/debug/claude-proxy
ASAN_BINARY := .build/asan/debug/claude-proxy
TSAN_MUTEX := .build/tsan/mutex.o
TSAN := --sanitize=thread --scratch-path .build/tsan -Xlinker $(CURDIR)/$(TSAN_MUTEX)
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
TOGETHER := -n 4 --dist loadfile
RESULTS := .build/results
PURE := Wire|Settings|Tokens|Dialogue|Pool|Gateway|Demo

.PHONY: build run unit test test-clients tsan deep bench bench-engine bench-tokens lint coverage deb clean help
.PHONY: build-deps test-deps debug tsan-build house sdk-tests daemon-tests daemon-tests-tsan load soak newest-sdks
.PHONY: asan-build daemon-tests-asan
.PHONY: client-deps client-tests newest-clients
.PHONY: token-tests token-tests-deep daemon-tests-together daemon-tests-alone

build: build-deps ## the optimised daemon, at .build/release/claude-proxy
	swift build -c release --static-swift-stdlib --product claude-proxy

run: build ## serve with the built-in demo upstream; HOST, PORT and any other setting may be given
	@scripts/serve-demo $(BINARY)

unit: debug ## unit tests of the pure targets, in seconds
	swift test --skip-build --disable-xctest --filter '^($(PURE))Tests\.'

test: test-deps ## everything that gates; the last line is the summary
	scripts/run-suites test

test-clients: test-deps build client-deps client-tests ## Claude Code and other programs from PyPI through the daemon

tsan: test-deps tsan-build daemon-tests-tsan ## the daemon's tests under ThreadSanitizer

deep: test-deps ## long fuzzing, sanitizers, soak, newest SDKs; gates nothing
	scripts/run-suites deep

bench: test-deps build ## CPU beside nginx on the same work; a report, not a test
	$(PYTHON) Tests/Bench/bench.py --binary $(BINARY)

bench-engine: build-deps ## speed and allocations of the translation between protocols
	Tests/Bench/engine

bench-tokens: test-deps ## counting tokens beside PyPI's tiktoken on the same texts
	@mkdir -p .build/bench
	DEV_TARGETS=1 swift build -c release --static-swift-stdlib --scratch-path .build/bench --product bench-tokens
	$(PYTHON) Tests/Bench/tokens.py

lint: test-deps ## swift format, ruff and the house rules that need no binary
	swift format lint --strict --parallel -r Sources Tests Package.swift
	$(PYTHON) -m ruff check --config Tests/ruff.toml Tests scripts/run-suites
	$(PYTHON) -m ruff format --config Tests/ruff.toml --check Tests scripts/run-suites
	$(PYTEST) -q Tests/House -m "not binary"

coverage: test-deps ## line coverage of the unit tests, target by target
	scripts/coverage

deb: ## build the Debian package; its path is the last line
	packaging/build-deb

clean: ## remove what was built (not .venv)
	rm -rf .build dist

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

# The pieces `run-suites` puts together.

build-deps:
	@scripts/install-build-deps

test-deps: build-deps
	@scripts/install-test-deps

client-deps:
	@scripts/install-client-deps

debug: build-deps
	swift build --build-tests

tsan-build: build-deps $(TSAN_MUTEX)
	swift build $(TSAN) --product claude-proxy

asan-build: build-deps
	swift build --sanitize=address --scratch-path .build/asan --product claude-proxy

# The toolchain's clang: gcc does not know Swift's calling convention.
$(TSAN_MUTEX): Tests/ThreadSanitizer/mutex.c
	@mkdir -p $(@D)
	clang -c -O1 -fPIC -Wall -Werror $< -o $@

house:
	$(PYTEST) Tests/House --junit-xml=$(RESULTS)/house.xml

sdk-tests:
	CLAUDE_PROXY_BINARY=$(BINARY) $(PYTEST) Tests/SDK --junit-xml=$(RESULTS)/sdk.xml

token-tests:
	CLAUDE_PROXY_BINARY=$(BINARY) $(PYTEST) Tests/Tokens -n 2 --junit-xml=$(RESULTS)/tokens.xml

# Manuals in other languages are text to count; which of them are there makes no difference to the claim.
token-tests-deep:
	scripts/apt-install manpages-de manpages-fr manpages-ja manpages-ru manpages-zh
	CLAUDE_PROXY_BINARY=$(BINARY) $(PYTEST) Tests/Tokens/deep.py --junit-xml=$(RESULTS)/tokens-deep.xml

daemon-tests: daemon-tests-together daemon-tests-alone

# Most of them wait, so four run at once, a file in one of them; what is measured comes by itself.
daemon-tests-together:
	CLAUDE_PROXY_BINARY=$(BINARY) $(PYTEST) Tests/Daemon -m "not measured" $(TOGETHER) \
	  --junit-xml=$(RESULTS)/daemon.xml

daemon-tests-alone:
	CLAUDE_PROXY_BINARY=$(BINARY) $(PYTEST) Tests/Daemon -m measured --junit-xml=$(RESULTS)/daemon-alone.xml

daemon-tests-tsan:
	TSAN_OPTIONS=atexit_sleep_ms=0 CLAUDE_PROXY_BINARY=$(TSAN_BINARY) $(PYTEST) Tests/Daemon -m "not measured" $(TOGETHER) \
	  --junit-xml=$(RESULTS)/daemon-tsan.xml

# Not for leaks: Swift keeps tags in the spare bits of pointers, so tables that live as long as the program look lost.
daemon-tests-asan:
	ASAN_OPTIONS=detect_leaks=0 CLAUDE_PROXY_BINARY=$(ASAN_BINARY) $(PYTEST) Tests/Daemon -m "not measured" $(TOGETHER) \
	  --junit-xml=$(RESULTS)/daemon-asan.xml

client-tests: client-deps
	CLAUDE_PROXY_BINARY=$(BINARY) $(PYTEST) Tests/Clients --junit-xml=$(RESULTS)/clients.xml

soak:
	CLAUDE_PROXY_BINARY=$(BINARY) $(PYTEST) Tests/Daemon/soak.py -rP --junit-xml=$(RESULTS)/soak.xml

# Longer and denser than what `make test` has time for.
load:
	LOAD_SECONDS=60 LOAD_RATE=200 ABORTS=1000 SLOW_CLIENTS=4000 CLAUDE_PROXY_BINARY=$(BINARY) $(PYTEST) -rP \
	  Tests/Daemon/test_load.py Tests/Daemon/test_aborts.py Tests/Daemon/test_descriptors.py \
	  --junit-xml=$(RESULTS)/load.xml

newest-sdks:
	rm -rf .build/newest
	/usr/bin/python3 -m venv .build/newest
	.build/newest/bin/pip install --quiet --disable-pip-version-check pytest openai anthropic
	CLAUDE_PROXY_BINARY=$(BINARY) .build/newest/bin/python -m pytest Tests/Daemon -k sdk \
	  --junit-xml=$(RESULTS)/newest-sdks.xml

newest-clients:
	scripts/install-client-deps newest
	CLAUDE_PROXY_CLIENTS=.build/newest-clients CLAUDE_PROXY_BINARY=$(BINARY) $(PYTEST) Tests/Clients -k "not matrix" \
	  --junit-xml=$(RESULTS)/newest-clients.xml
