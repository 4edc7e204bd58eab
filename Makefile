# Comity. Needs python3 (3.11 or newer) with pip, git and make; everything else comes with `make setup`.
#
#   make demo     set up, then run the story on two nodes      (ARGS=--exit ends after the summary)
#   make test     set up, then run every test                  (ARGS=tests/canon runs a part)
#   make check    format, lint, types, import contracts, dead code, dependencies
#   make bench    measure, each figure beside its peer         (ARGS=--quick, ARGS=--json)
#   make fuzz     try every reader of a stranger's bytes for a minute   (ARGS="--seconds 600 letter"; Linux on x86-64)
#   make serve    serve one node                               (ARGS="--node FOLDER")
#   make screenshots  a picture of every page, and the four of README.md   (ARGS=letter takes a part)
#   make setup    only set up: .tools, .venv, the `comity` command and the look of the desks
#   make lock     write requirements/*.txt again from *.in     (ARGS=--upgrade takes newer versions)
#   make clean    remove everything that make made

PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
UV := PYTHONPATH=.tools UV_PYTHON_DOWNLOADS=never $(PYTHON) -m uv
TOOL := .tools/ready-$(shell cat requirements/uv.txt | cksum | tr ' ' '-')
# The mark names what the environment was made from and where it stands: a moved folder or a new lock sets up afresh.
MARK := .venv/ready-$(shell { pwd; $(PYTHON) --version; cat requirements/dev.txt; } | cksum | tr ' ' '-')
# The look and the catalogues have their own mark: a changed translation must not set up the environment again.
LOOK := .venv/look-$(shell cat package-lock.json scripts/build_look.py scripts/build_world.py scripts/territories.toml src/comity/locale/*/LC_MESSAGES/*.po 2>/dev/null | cksum | tr ' ' '-')

# Thousands of small commits, each waiting for the disk: tests keep their nodes in memory where there is such a place.
QUICK := $(if $(wildcard /dev/shm/.),TMPDIR=/dev/shm)

# Every test that starts a process of its own would compile the house anew where the machine keeps no bytecode.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup demo test check bench fuzz serve screenshots lock clean

setup: $(MARK) $(LOOK)

demo: $(MARK) $(LOOK)
	@$(BIN)/comity demo $(ARGS)

test: $(MARK) $(LOOK)
	$(QUICK) $(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(ARGS)

check: $(MARK)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/deptry src

bench: $(MARK)
	@$(BIN)/python -m bench $(ARGS)

fuzz: $(MARK) $(LOOK)
	@test -d build/fuzz || { rm -rf build/fuzz.part && $(BIN)/python tests/seeds.py build/fuzz.part && mv build/fuzz.part build/fuzz; }
	@$(BIN)/python -m fuzz $(ARGS)

serve: $(MARK) $(LOOK)
	@$(BIN)/comity node serve $(ARGS)

screenshots: $(MARK) $(LOOK)
	@$(BIN)/python scripts/screenshots.py $(ARGS)

$(TOOL):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Comity needs Python 3.11 or newer; name one with make PYTHON=...")'
	rm -rf .tools
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools --require-hashes -r requirements/uv.txt
	@touch $@

$(MARK): $(TOOL)
	$(UV) venv --quiet --clear --python "$$(command -v $(PYTHON))" .venv
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(LOOK): $(MARK)
	$(BIN)/python scripts/build_look.py
	@rm -f .venv/look-*
	@touch $@

# Hashes and no addresses: a lock that names a host works in one place only.
lock: $(TOOL)
	@for name in uv main verify dev; do \
		$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
			--custom-compile-command "make lock" $(ARGS) requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

clean:
	rm -rf .venv .tools node_modules src/comity/web/*/static/vendor .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist demo
	find src tests bench fuzz -name '__pycache__' -prune -exec rm -rf {} + -o -name '*.egg-info' -prune -exec rm -rf {} + -o -name '*.mo' -delete
