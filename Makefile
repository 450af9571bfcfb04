# make report    measure the default study and write its report          (5 minutes on two AVX-512 cores, 15 without)
# make quick     the same on about 8,000 tokens                          (a minute or two once set up)
# make test      every test, acceptance on real weights included
# make bench     how fast: ratios within one run, and against rivals with PEERS=<folder>   (quiet machine; see Benchmarks/README.md)
# make clean     remove what was built; results in out/ and the model stay
.PHONY: report quick test bench peers build setup model clean

export CLEARBOX_CACHE ?= $(HOME)/.cache/clearbox
MODEL := $(CLEARBOX_CACHE)/gemma-3-270m-q4_k_m.gguf
CLEARBOX := .build/release/clearbox
TEST_BUILD := .build-test

report: build model
	$(CLEARBOX) run studies/gemma-3-270m.yaml --out out/gemma-3-270m

quick: build model
	$(CLEARBOX) run studies/gemma-3-270m.yaml --tokens 8000 --out out/quick

test: setup model
	@tools/setup/packages.sh python3-h5py cmark-gfm
	@echo "== Tests (a release build of their own, in $(TEST_BUILD))"
	swift test -c release -Xswiftc -enable-testing --scratch-path $(TEST_BUILD)

bench: build model
	swift build -c release --product bench
	.build/release/bench $(if $(PEERS),--peers "$(PEERS)")

peers: model
	@test -n "$(PEERS)" || { echo "Say where: make peers PEERS=<folder>" >&2; exit 2; }
	Benchmarks/peers/install.sh "$(PEERS)"
	"$(PEERS)/venv/bin/python" Benchmarks/peers/model.py "$(MODEL)" "$(PEERS)/model"

build: setup
	@echo "== Build"
	swift build -c release --product clearbox

setup:
	@tools/setup/packages.sh

model: setup
	@tools/setup/model.sh "$(MODEL)"

clean:
	rm -rf .build .build-test
