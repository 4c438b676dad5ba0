# Void Labyrinth: `make play` and `make test` install what is missing and do the rest.

# rustup's folder, for shells that have not read its profile yet.
CARGO_HOME ?= $(HOME)/.cargo
export PATH := $(PATH):$(CARGO_HOME)/bin

.DEFAULT_GOAL := help
.PHONY: shots help play test core app-test e2e check journals golden bench bench-turns bench-trace bench-frames bench-idle fuzz setup web web-serve web-zip web-test web-bench wasm-test catalogue answers

help: ## Say what can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; do \
		printf '  make %-9s %s\n' "$$name" "$$what"; done
	@echo '  make play ARGS="--seed 7" passes options to the game; see also: make play ARGS=--help'

play: ## Install what is missing, build the game and open it
	@scripts/setup.sh play
	cargo run -- $(ARGS)

test: ## Install what is missing and run every test: in a real window, and in a browser if dist/ is there
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory core app-test e2e
	@if [ -e dist/index.html ]; then $(MAKE) --no-print-directory web-test; else \
		echo 'no dist/, so no browser is tested; "make web" builds it'; fi

core: ## The tests that need no engine; stored journals also in a release build, to the same hashes
	cargo test --no-default-features
	cargo test --no-default-features --release --test journal

app-test: ## The same and the app's own tests, with the engine
	cargo test

e2e: ## Play two raids with real key presses in a window on a virtual screen
	cargo build
	scripts/e2e.sh

shots: ## Take the pictures of docs/ of the real game, on a virtual screen
	cargo build
	scripts/shots.sh

web: ## Build the game for browsers into dist/
	@scripts/web.sh

web-serve: ## Show dist/ at http://127.0.0.1:8080/, to this machine only
	node scripts/web-serve.mjs

web-zip: ## Pack dist/ for itch.io
	@scripts/web-zip.sh

web-test: ## Test dist/ in a real browser
	@scripts/setup.sh browser
	@scripts/web-test.sh

web-bench: ## Measure dist/ against bare pages; builds those first, which takes half an hour once
	@scripts/web-bench.sh

wasm-test: ## Run the tests that need no engine as wasm32, in node
	@scripts/setup.sh web
	@scripts/wasm-test.sh

check: ## Formatting and lints, without and with the engine
	cargo fmt --check
	cargo clippy --all-targets --no-default-features -- -D warnings
	cargo clippy --all-targets -- -D warnings

journals: ## Record the journals that tests replay, after the rules were changed on purpose
	cargo build --no-default-features
	scripts/record.sh

golden: ## Store the picture of the map anew that tests compare with, after its look was changed on purpose
	GOLDEN=write cargo test --lib the_map_looks_as_it_is_stored

bench: ## Time the page allocator beside other Rust allocators: docs/benchmarks.md
	cd benches && cargo run --release --bin labyrinth-bench -- $(ARGS)

bench-turns: ## Time a turn in each zone, and the allocator's share of it
	cd benches && cargo run --release --bin labyrinth-turns -- $(ARGS)

bench-trace: ## Time reading and replaying the stored kernel traces: docs/benchmarks.md
	cd benches && cargo run --release --bin trace-bench

bench-frames: ## What a frame costs the game's own systems, beside an empty engine
	cargo test --lib a_frame_beside_an_empty_one -- --ignored --nocapture

bench-idle: ## Count the frames drawn while nobody does anything, at the title and in a raid, in a real window
	cargo build
	scripts/idle.sh

# How long; more for a longer search.
FUZZ_SECONDS ?= 30

fuzz: ## Random operations against a model of the allocator; FUZZ_SECONDS=600 for longer, FUZZ_ARGS=--grow to keep finds
	cd fuzz && cargo run --release --locked -- --seconds $(FUZZ_SECONDS) $(FUZZ_ARGS)
catalogue: ## Write anew what seeds 1 to 50 of each zone begin with, after the rules were changed on purpose
	cargo build --no-default-features
	@mkdir -p tests/data/catalogue
	for zone in levels/zones/*.ron; do zone=$$(basename "$$zone" .ron); \
		$${CARGO_TARGET_DIR:-target}/debug/labyrinth catalogue --zone "$$zone" --seeds 1-50 \
			--out "tests/data/catalogue/$$zone.txt" || exit 1; done

answers: ## Write anew what leads through each lesson, after lessons were changed
	cargo build --no-default-features
	@for lesson in $$($${CARGO_TARGET_DIR:-target}/debug/labyrinth lesson | cut -d' ' -f1); do \
		echo "# lesson $$lesson"; $${CARGO_TARGET_DIR:-target}/debug/labyrinth lesson "$$lesson" --answers || exit 1; \
		done > tests/data/lessons.answers

setup: ## Install what playing and testing need, and nothing else
	@scripts/setup.sh play
	@scripts/setup.sh test
