# make report     measure the default study and write its report; it says how long before it starts
# make quick      the same on about 8,000 tokens
# make check      the fast loop: formatting, and tests that need neither real weights nor a browser
# make format     lay the sources out by .swift-format
# make test       every test that continuous integration runs, acceptance on the real weights included
# make test-all   and what takes longer: shards under Snakemake and Slurm, sanitizers, the manifest's validator
# make soak       kill runs of a small stand-in at random moments, 220 times: the content stays the same (some 10 minutes)
# make fuzz       look for input that breaks a reader, FUZZ_SECONDS=60 each; READER=gguf for one
# make sanitize   unit tests under the Address and Undefined Behaviour sanitizers, the sweep under the Thread Sanitizer
# make review-figures   which figures look other than accepted: a page with both and the difference
# make accept-figures   take the figures as they are now, ONLY=fvu-three-light-double or the beginning of names
# make sample     render docs/sample-report from its run file again
# make wheel      what users install: program, libraries and Python package, in out/dist; make dist: an archive to unpack
# make bench      how fast: ratios within one run, and against rivals with PEERS=<folder>   (quiet machine; see Benchmarks/README.md)
# make clean      remove what was built; results in out/ and the model stay
.PHONY: wheel dist report quick sample check format check-format test test-all soak fuzz sanitize review-figures accept-figures bench peers build setup model clean

export CLEARBOX_CACHE ?= $(HOME)/.cache/clearbox
MODEL := $(CLEARBOX_CACHE)/gemma-3-270m-q4_k_m.gguf
CLEARBOX := .build/release/clearbox
TEST_BUILD := .build-test
TEST_FLAGS := -c release -Xswiftc -enable-testing --scratch-path $(TEST_BUILD)

report: build model
	$(CLEARBOX) run studies/gemma-3-270m.yaml --out out/gemma-3-270m --replace

quick: build model
	$(CLEARBOX) run studies/gemma-3-270m.yaml --tokens 8000 --out out/quick --replace

sample: build
	$(CLEARBOX) render docs/sample-report/gemma-3-270m.h5 --author studies/gemma-3-270m.author.yaml

FORMATTED := Package.swift Plugins Sources Tests Benchmarks

check: setup check-format
	swift test $(TEST_FLAGS) --skip AcceptanceTests --skip BrowserTests --skip GoldenFigureTests --skip MatplotlibPositionTests

check-format:
	@swift format lint --strict --parallel --recursive $(FORMATTED) || { echo "Run make format." >&2; exit 1; }

format:
	swift format format --in-place --parallel --recursive $(FORMATTED)

test: setup model check-format
	@tools/setup/packages.sh python3-h5py python3-pytest python3-matplotlib cmark-gfm hugo chromium texlive-latex-recommended lmodern
	@tools/setup/packages.sh gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user || echo "   The tests on Arm are left out."
	@tools/setup/axe.sh "$(CLEARBOX_CACHE)/axe.min.js"
	@echo "== Tests (a release build of their own, in $(TEST_BUILD))"
	swift test $(TEST_FLAGS)
	@echo "== Python package"
	CLEARBOX_PROGRAM=$(TEST_BUILD)/release/clearbox /usr/bin/python3 -B -m pytest -q -p no:cacheprovider python/tests

test-all: test
	tools/setup/test-all.sh "$(CLEARBOX_CACHE)"

soak: build
	@tools/setup/packages.sh python3-h5py
	/usr/bin/python3 tools/reliability/kills.py $(CLEARBOX) --soak --tokens 500000 --kills 20
	/usr/bin/python3 tools/reliability/kills.py $(CLEARBOX) --kills 200

FUZZ_SECONDS ?= 60

fuzz: setup
	tools/setup/fuzz.sh "$(FUZZ_SECONDS)" $(READER)

sanitize: setup
	tools/setup/sanitize.sh

# The test's verdict is on the page; that figures differ is no failure here.
review-figures: setup
	swift build --build-tests $(TEST_FLAGS)
	@CLEARBOX_REVIEW_FIGURES=1 swift test $(TEST_FLAGS) --skip-build --filter GoldenFigureTests >$(TEST_BUILD)/figure-review.log 2>&1 || true
	@grep -o "figure review: .*" $(TEST_BUILD)/figure-review.log || { cat $(TEST_BUILD)/figure-review.log >&2; exit 1; }

accept-figures: setup
	swift build --build-tests $(TEST_FLAGS)
	CLEARBOX_ACCEPT_FIGURES=1 CLEARBOX_FIGURES_ONLY="$(ONLY)" swift test $(TEST_FLAGS) --skip-build --filter GoldenFigureTests

wheel dist: setup
	tools/wheel/wheel.sh $@ "$(CLEARBOX_CACHE)" out/dist

bench: build model
	swift build -c release --product bench
	.build/release/bench $(if $(PEERS),--peers "$(PEERS)")

peers: model
	@test -n "$(PEERS)" || { echo "Say where: make peers PEERS=<folder>" >&2; exit 2; }
	@tools/setup/packages.sh libopenblas0
	Benchmarks/peers/install.sh "$(PEERS)"
	"$(PEERS)/venv/bin/python" Benchmarks/peers/model.py "$(MODEL)" "$(PEERS)/model"

build: setup
	@tools/setup/timed.sh Build swift build -c release --product clearbox

setup:
	@tools/setup/timed.sh Libraries tools/setup/packages.sh

model: setup
	@tools/setup/timed.sh "Model weights" tools/setup/model.sh "$(MODEL)"

clean:
	rm -rf .build .build-test .build-sanitized .build-thread .build-fuzz .build-wheel
