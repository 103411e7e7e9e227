# Every target sets up what it needs; a second time that takes no noticeable time.

.DEFAULT_GOAL := help
.PHONY: help run test check gen bench fuzz screenshots shots package deny clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up, build, open the window (or the demo in the terminal where there is no display)
	@scripts/run

test: ## set up and run everything: formatting, lints, all tests, the real window
	@scripts/test

check: ## the quick half: formatting, lints and tests that need neither WebKit nor a browser
	@scripts/check

gen: ## write what is made of the code: the window's words as TypeScript, pages of docs/
	@scripts/gen

bench: ## measure the hot paths beside their peers (bench/README.md)
	@scripts/bench

fuzz: ## mutate what others send to our parsers, FUZZ_SECONDS for each target (docs/fuzzing.md)
	@scripts/fuzz

screenshots: ## every page in every state and look, on sample data, into artifacts/ui/index.html
	@scripts/screenshots

shots: ## drive the real window and keep its screenshots in artifacts/window
	@scripts/test window

package: ## the window and the command as deb and rpm, in target/release/bundle
	@scripts/package

deny: ## licences, bans, sources and advisories of all dependencies
	@scripts/deny

clean: ## remove what was built; sessions and settings are not touched
	cargo clean
	rm -rf node_modules ui/node_modules ui/dist tests/provider/node_modules artifacts fuzz/target
