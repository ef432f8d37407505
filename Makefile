# The verbs of the project; CI uses the same ones. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test typecheck lint generate bench fuzz chaos lab captures kafka dist clean

# The one launcher rule: the Node 24 that the project pins (node_modules/.bin/node) comes first, as in npm scripts.
export PATH := $(CURDIR)/node_modules/.bin:$(or $(PATH),/usr/local/bin:/usr/bin:/bin)
# TypeScript runs unbuilt; the warning about it says nothing new.
export NODE_OPTIONS := --disable-warning=ExperimentalWarning $(NODE_OPTIONS)

DEMO := $(if $(filter-out 0 no false,$(LIVE)),--live) $(if $(filter-out 0 no false,$(ONCE)),--once) $(if $(DATA),--data "$(DATA)")

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | while IFS='|' read -r verb text; do printf '%-17s %s\n' "$$verb" "$$text"; done

setup: ## install what package-lock.json pins (about 1 GB), compile the WASM modules and (with clang) the kernel program; repeats only what changed
	@sh infra/dev/setup.sh

build: setup ## compile the WASM modules that are older than their sources

demo: setup ## replay the shipped captures through the whole path (ONCE=1: end by itself, DATA=DIR: keep the data, LIVE=1 as root: live routers and collectors)
	@node cli/routewatch.mjs demo $(DEMO)

test: setup ## every test there is, with what the tests need (as root: installs it)
	@sh infra/dev/test-parts.sh
	@node infra/dev/build-bpf.ts
	@node infra/dev/test.ts

typecheck: setup ## check the types of all TypeScript and AssemblyScript
	@tsc -p tsconfig.json
	@tsc -p dashboards/web/browser/tsconfig.json
	@tsc -p tsconfig.assembly.json

lint: setup ## oxlint with types, and the import rule
	@oxlint --type-aware
	@node infra/dev/check-imports.ts

generate: setup ## write every generated file again
	@node infra/dev/generate.ts

bench: setup ## measure beside what people use (results: infra/bench/RESULTS.md, KERNEL.md, LIVE.md)
	@node infra/bench/bench.ts
	@node infra/bench/kernel.ts
	@node infra/bench/live.ts

fuzz: setup ## hours of bad input for every module (FRAMES=N to end after N frames a module)
	@node infra/fuzz/fuzz.ts $(if $(FRAMES),--frames $(FRAMES))

chaos: setup ## kill every part at every step, hundreds of times; nothing may be lost or doubled (ROUNDS=N SEED=N, KEEP=DIR: the data of a run that fails)
	@node infra/chaos/chaos.ts $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(LOG),--log $(LOG)) $(if $(FEED),--feed $(FEED)) $(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep "$(KEEP)")

lab: setup ## live routers under collectors, a real Kafka, two workers, a store; the rows against the routers' own logs (root; OUT=DIR: keep events and logs)
	@sh infra/dev/test-parts.sh
	@node infra/dev/build-bpf.ts
	@node infra/lab/live/proof.ts $(if $(OUT),--out "$(OUT)")

captures: setup ## make the shipped captures again (root, real daemons; LAB="isis-ring vlan-twins demo")
	@sh infra/dev/test-parts.sh
	@sh infra/dev/make-captures.sh $(LAB)

kafka: setup ## a Kafka broker on loopback for a person, until Ctrl-C (PORT=N, DATA=DIR: keep its data)
	@sh infra/dev/kafka/fetch.sh
	@node infra/dev/kafka/start.ts $(if $(PORT),--port $(PORT)) $(if $(DATA),--directory "$(DATA)")

dist: setup ## a tarball for each role with its SBOM, and SHA256SUMS, in build/dist (ROLE="collector worker sink page")
	@node infra/images/dist.ts $(ROLE)

clean: ## remove what was built and installed
	rm -rf build node_modules
