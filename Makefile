# The only list of commands. `make` alone prints it.
#
# A machine needs Debian 12, the Swift 6.3 toolchain on PATH, git, make and python3; everything else
# is installed by `make deps` (as root, or with sudo).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

CONFIGURATION ?= debug
JOBS ?= $(shell nproc)
SWIFT_BUILD := swift build -j $(JOBS)
# A section for each function, so that the linker can lay those side by side that a run executes:
# 3 MiB less resident. The Dockerfile has the same.
RELEASE_BUILD := $(SWIFT_BUILD) -c release --static-swift-stdlib \
  -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections

say = @printf '\n==> %s\n' "$(1)"

.PHONY: help
help: ## Print this list
	@printf 'provider-discord: make TARGET\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## Install the system packages that a build needs and that are missing
	$(call say,System packages for the build)
	@tools/deps.sh build

.PHONY: deps-test
deps-test: ## Install the system packages that tests and linters need and that are missing
	$(call say,System packages for the tests)
	@tools/deps.sh build test browser

.PHONY: build
build: deps ## Debug build
	$(call say,Debug build (the first takes a few minutes: the packages we depend on are built once))
	@$(SWIFT_BUILD) --product provider-discord

.PHONY: release
release: deps ## Release build: .build/release/provider-discord
	$(call say,Release build)
	@$(RELEASE_BUILD) --product provider-discord

.PHONY: demo
demo: build ## The whole product in a minute: sandbox, kubectl apply, drift, a Lua rule edited live
	$(call say,Demo)
	@PROVIDER_DISCORD_BINARY=.build/debug/provider-discord python3 tools/demo.py

.PHONY: sandbox
sandbox: build ## Run Kubernetes API, Discord simulator and provider in one process until Ctrl-C
	$(call say,Sandbox: use it with KUBECONFIG=./kubeconfig kubectl get discord -A)
	@.build/debug/provider-discord sandbox --kubeconfig-out kubeconfig --scripts scripts

.PHONY: test
test: deps-test lint ## Everything that CI runs: linters, unit tests, rule cases, a real kube-apiserver
	@tools/test.sh $(TEST_ARGUMENTS)

.PHONY: bench
bench: deps-test release ## Measure 100 channels and 100 roles on a real kube-apiserver, then the rate limits
	$(call say,Benchmark)
	@KUBEBUILDER_ASSETS="$$(tools/envtest.sh)" python3 Benchmarks/objects.py \
	  --binary .build/release/provider-discord $(BENCH_ARGUMENTS)
	$(call say,Rate limits at full size on a virtual clock (builds the tests in release: some minutes))
	@Benchmarks/limits/run.sh LimitTests PollTests

.PHONY: package
package: ## Assemble the Crossplane package's folder: .build/package
	$(call say,Crossplane package)
	@rm -rf .build/package
	@package/build.sh .build/package

.PHONY: image-test
image-test: release ## Assemble the image's runtime without Docker and start the binary there (as root)
	$(call say,Image)
	@tools/test-image.sh .build/release/provider-discord

.PHONY: lint
lint: ## Check format, arrows between targets, Lua, shell, YAML, file lengths and names
	$(call say,Linters)
	@tools/lint.sh

.PHONY: format
format: ## Rewrite the Swift sources in the house's format
	$(call say,Formatting Swift sources)
	@swift format -i -r -p Package.swift Sources Tests

.PHONY: docs
docs: build ## Make docs/runbooks anew from the runbooks' scripts
	$(call say,Pages of the runbooks)
	@.build/debug/provider-discord runbook show --write docs/runbooks --scripts scripts

.PHONY: envtest
envtest: ## Provide etcd, kube-apiserver and kubectl for the tests and print their folder
	$(call say,A real kube-apiserver (built from source once a machine: about six minutes))
	@tools/envtest.sh

.PHONY: clean
clean: ## Remove what builds and runs leave in the checkout
	$(call say,Removing .build and kubeconfig)
	@swift package clean
	@rm -rf .build kubeconfig
