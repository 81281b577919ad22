# `make run` to try it, `make check` while working, `make test` before it lands.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
EXAMPLES ?= quick

.PHONY: run check static quick test mutants drill image bench load screenshots lock clean

run: .venv/run
	$(BIN)/shebao run --port $(PORT)

# One virtual environment; the stamps say what is in it.
.venv/run: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Shebao needs Python 3.11 or newer; try: make run PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: requirements-dev.txt .venv/run
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

# Offline, under 60 s on 2 cores. Bytecode is kept even where the environment says not to: without it
# each run spends ten seconds compiling.
check: export PYTHONDONTWRITEBYTECODE :=
check: .venv/dev
	$(MAKE) -j 2 static quick # beside each other: types take one core only

static:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/shebao check
	$(BIN)/mypy

# Some wait: with two workers a core would be idle. No browser is needed, and fewer examples are enough.
quick:
	$(BIN)/pytest -n 3 --dist worksteal -m "not slow" -p no:playwright --hypothesis-profile=$(EXAMPLES)

# Everything: that, and what needs more time or real processes.
test: .venv/dev
	$(MAKE) check EXAMPLES=ours
	$(BIN)/pytest -n 2 --dist loadfile -m slow # two drills at once would measure each other

# Broken content that no shipped replay would notice.
mutants: .venv/dev
	$(BIN)/shebao mutants

# Real processes under duplicates, kills, pauses and broken wires; prints what was lost or doubled.
drill: .venv/dev
	cd tests && ../$(BIN)/python -m drill
	cd tests && ../$(BIN)/python -m drill --failover --turns 1000
	cd tests && ../$(BIN)/python -m drill --strangers --turns 1000
	cd tests && for plan in "store set back" "store emptied" "keys rotated"; do \
	  ../$(BIN)/python -m drill --plan "$$plan" --plan "worker killed" --turns 1000 || exit 1; done

# The image, built and run without a daemon, as root: needs buildah and mmdebstrap, and some minutes.
image: .venv/dev
	SHEBAO_IMAGE=1 $(BIN)/pytest -m slow -s tests/deploy/test_image.py

# What a message costs, beside others that do less; the peers go into an environment of their own.
bench: .venv/dev
	$(BIN)/python benchmarks/bench.py

# What one machine holds through nginx, on one core and on two, and where it bends; five minutes.
load: .venv/dev
	$(BIN)/python benchmarks/capacity.py

# Every page in the browser, at two widths, light and dark, in both languages.
screenshots: .venv/dev
	mkdir -p var/screenshots
	SHEBAO_SCREENSHOTS=var/screenshots $(BIN)/pytest -n 2 -m slow -k shoot tests/web

# Pinned, with hashes, without index addresses; what builds the package too. Versions that fit stay.
LOCK = uv pip compile pyproject.toml - --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q
lock:
	$(BIN)/python -m pip install -q uv
	echo 'setuptools>=77' | $(BIN)/$(LOCK) -o requirements.txt
	echo 'setuptools>=77' | $(BIN)/$(LOCK) --extra dev -o requirements-dev.txt

clean:
	rm -rf .venv var build *.egg-info .mypy_cache .ruff_cache .hypothesis
