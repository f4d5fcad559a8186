# make lab         opens the notebooks in JupyterLab
# make quick       checks style and the package, without the slow tests, before each commit
# make test        checks everything: style, package, notebooks, sliders in a browser
# make format      formats code and notebooks
# make notebooks   executes all notebooks and saves their outputs in place
# make site        writes the notebooks as pages that need no kernel and no network, to site/
#
# Each sets up .venv first, if need be, from requirements.lock. Python 3.11 to 3.13 is found by
# itself; name another with make PYTHON=...

IS_SUPPORTED := import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c '$(IS_SUPPORTED)' 2>/dev/null && echo $$python && break; done)
VENV := .venv/bin
STYLE := $(VENV)/ruff check --quiet && $(VENV)/ruff format --check --quiet
PER_FILE := -n 2 --dist loadfile
PIP := $(VENV)/python -m pip install --quiet --disable-pip-version-check
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

# $(call timed,what it does,command): says so, runs it, says how long it took
define timed
	@echo "▸ $(1)"; start=$$(date +%s); { $(2); }; status=$$?; \
	echo "  $$(( $$(date +%s) - start )) s: $(1)"; exit $$status
endef

.PHONY: lab quick test format notebooks site setup lock

lab: setup
	@echo "▸ JupyterLab opens in your browser; stop it with Ctrl+C"
	cd notebooks && ../$(VENV)/jupyter lab --config=../jupyter_lab_config.py --ip=127.0.0.1 $(AS_ROOT)

quick: setup
	$(call timed,style (ruff),$(STYLE))
	$(call timed,package,$(VENV)/python -m pytest tests -m "not (browser or data or quiet or slow)" $(PER_FILE))

test: setup
	$(call timed,style (ruff),$(STYLE))
	$(call timed,package and notebook checks,$(VENV)/python -m pytest tests -m "not (browser or quiet)" $(PER_FILE))
	$(call timed,sliders in a browser; what is timed,$(VENV)/python -m pytest tests -m "browser or quiet")
	$(call timed,every notebook runs and gives what it saved (nbval),$(VENV)/python -m pytest notebooks --nbval --nbval-current-env --nbval-cell-timeout=600 -n 2 --dist loadscope)

format: setup
	$(VENV)/ruff check --fix --quiet && $(VENV)/ruff format --quiet

notebooks: setup
	$(call timed,execute all notebooks and save their outputs,$(VENV)/python scripts/execute_notebooks.py)

site: setup
	$(call timed,write the site,$(VENV)/python scripts/build_site.py)

setup: .venv/ready

# In place, so that without a network an environment that works is kept.
.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "gannotes needs Python 3.11, 3.12 or 3.13 with venv; none was found. Name one with make PYTHON=..."; exit 1; }
	$(call timed,set up .venv with $(PYTHON) (a minute or two),{ $(VENV)/python -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv --clear .venv; } \
		&& $(PIP) --require-hashes -r requirements.lock && $(PIP) --no-deps --no-build-isolation -e .)
	@touch $@

lock:  ## needs uv
	uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 --no-header --quiet -o requirements.lock
