# Outrigger. `make` alone lists the targets.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c

GO      ?= go
TOOLS   := $(CURDIR)/.cache/tools
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 10m

# What the tests need beside Go, as Debian packages: the witnesses (ip, ncclient,
# yangcli, yanglint, ssh) and podman with runc for the pod.
PACKAGES := iproute2 libyang2-tools python3-ncclient yangcli openssh-client openssl podman runc catatonit busybox-static util-linux bsdutils mount procps curl ca-certificates gcc libc6-dev

export PATH := $(TOOLS):$(PATH)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## bin/outrigger, static
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/outrigger ./sidecar/outrigger

.PHONY: run
run: build ## an agent in a throw-away network namespace; Ctrl-C ends it
	@CGO_ENABLED=0 $(GO) build -trimpath -o bin/lab ./sidecar/lab
	@bin/lab bin/outrigger

.PHONY: test
test: deps tools check-gen lint test-go test-fuzz ## everything, lint included

# No result is taken from the go command's cache (-count=1): it does not know that
# tests run the program, clients and the kernel.
.PHONY: test-go
test-go: build ## the Go tests, with the race detector
	PATH="$$PATH:/usr/sbin:/sbin" $(GO) test -race -count=1 -timeout 30m ./...

.PHONY: test-vpp
test-vpp: tools ## the VPP backend's tests with a real VPP 25.10, as root: make test-vpp VPP=/usr/bin/vpp
	@test -n "$(VPP)" || { echo "usage: make test-vpp VPP=PATH, the program of a VPP 25.10 (an installed one's, or bin/vpp of a build tree)"; exit 2; }
	@test -f "$(VPP)" -a -x "$(VPP)" || { echo "$(VPP) is no VPP: it is no program"; exit 2; }
	@OUTRIGGER_VPP="$$(realpath "$(VPP)")" $(GO) test -count=1 -run '^TestStart$$' ./southbound/vpp/vpptest
	PATH="$$PATH:/usr/sbin:/sbin" OUTRIGGER_VPP="$$(realpath "$(VPP)")" $(GO) test -count=1 -timeout 30m -bench . -benchtime 1s ./southbound/vpp/...
	PATH="$$PATH:/usr/sbin:/sbin" OUTRIGGER_VPP="$$(realpath "$(VPP)")" $(GO) test -count=1 -run '^TestVPPExample|^TestScenarios$$/^vpp$$' ./examples

.PHONY: test-fuzz
test-fuzz: ## every fuzz target for a short while
	internal/tools/fuzz.sh 30s 5s

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (10m)
	internal/tools/fuzz.sh $(FUZZTIME) $(FUZZTIME)

.PHONY: bench
bench: ## speed and memory against their targets, as a table (as root); VPP=/path/to/vpp measures with VPP, too
	@OUTRIGGER_VPP="$(VPP)" PATH="$$PATH:/usr/sbin:/sbin" $(GO) run ./internal/bench

.PHONY: bench-all
bench-all: ## every benchmark there is
	PATH="$$PATH:/usr/sbin:/sbin" $(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./...

.PHONY: lint
lint: $(TOOLS)/golangci-lint ## golangci-lint, with the import rule
	GOLANGCI_LINT_CACHE=$(CURDIR)/.cache/golangci-lint $(TOOLS)/golangci-lint run ./...

.PHONY: gen
gen: ## YANG → compiled schema and Go structs
	$(GO) run ./yang/gen

.PHONY: check-gen
check-gen: ## fail where gen/ is stale
	$(GO) run ./yang/gen -check

.PHONY: yang
yang: ## derive yang/ again: make yang UPSTREAM=DIR
	@test -n "$(UPSTREAM)" || { echo "usage: make yang UPSTREAM=DIR, a folder of upstream modules (yang/upstream.yaml names them)"; exit 2; }
	$(GO) run ./yang/derive -upstream $(UPSTREAM)

.PHONY: image
image: ## a FROM scratch image, with podman or docker
	sidecar/image/build.sh $(VERSION)

.PHONY: deps
deps: ## the Debian packages of the tests (as root; otherwise says what is missing)
	@missing=$$(for p in $(PACKAGES); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then \
	  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$missing; \
	else \
	  echo "not root: tests that need these Debian packages will be skipped:" $$missing; \
	fi

.PHONY: tools
tools: $(TOOLS)/gnmic $(TOOLS)/golangci-lint ## the pinned Go tools of the tests

$(TOOLS)/gnmic: internal/tools/gnmic/go.mod
	cd internal/tools/gnmic && $(GO) build -o $@ github.com/openconfig/gnmic

$(TOOLS)/golangci-lint: internal/tools/golangci-lint/go.mod
	cd internal/tools/golangci-lint && $(GO) build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: clean
clean: ## remove what was built
	rm -rf bin .cache
