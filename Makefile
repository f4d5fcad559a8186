# make lab         opens the notebooks in JupyterLab
# make test        checks everything: style, package, notebooks, sliders in a browser
# make notebooks   executes all notebooks and saves their outputs in place
# make site        writes the notebooks as pages that need no kernel and no network, to site/
# make full        runs the notebooks on real data, at full length: hours, and it can be interrupted;
#                  or a part: make full NOTEBOOK=03 DATASET=cifar10
#
# Each sets up .venv first, if need be, from requirements.lock. Python 3.11 to 3.13 is found by
# itself; name another with make PYTHON=...

IS_SUPPORTED := import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c '$(IS_SUPPORTED)' 2>/dev/null && echo $$python && break; done)
VENV := .venv/bin
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

# $(call timed,what it does,command): says so, runs it, says how long it took
define timed
	@echo "▸ $(1)"; start=$$(date +%s); { $(2); }; status=$$?; \
	echo "  $$(( $$(date +%s) - start )) s: $(1)"; exit $$status
endef

.PHONY: lab test notebooks site full setup lock

lab: setup
	@echo "▸ JupyterLab opens in your browser; stop it with Ctrl+C"
	cd notebooks && ../$(VENV)/jupyter lab --config=../jupyter_lab_config.py --ip=127.0.0.1 $(AS_ROOT)

test: setup
	$(call timed,style (ruff),$(VENV)/ruff check --quiet && $(VENV)/ruff format --check --quiet)
	$(call timed,package and notebook checks,$(VENV)/python -m pytest tests -m "not (browser or quiet)" -n 2 --dist loadfile)
	$(call timed,sliders in a browser; what is timed,$(VENV)/python -m pytest tests -m "browser or quiet")
	$(call timed,every notebook runs and gives what it saved (nbval),$(VENV)/python -m pytest notebooks --nbval --nbval-current-env --nbval-cell-timeout=600 -n 2 --dist loadscope)

notebooks: setup
	$(call timed,execute all notebooks and save their outputs,$(VENV)/python scripts/execute_notebooks.py)

site: setup
	$(call timed,write the site,$(VENV)/python scripts/build_site.py)

full: setup
	$(VENV)/python scripts/full_tier.py $(if $(NOTEBOOK),--notebook $(NOTEBOOK)) $(if $(DATASET),--dataset $(DATASET))

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "gannotes needs Python 3.11, 3.12 or 3.13 with venv; none was found. Name one with make PYTHON=..."; exit 1; }
	$(call timed,set up .venv with $(PYTHON) (a minute or two),$(PYTHON) -m venv --clear .venv \
		&& $(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock \
		&& $(VENV)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .)
	@touch $@

lock:  ## needs uv
	uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 --no-header --quiet -o requirements.lock
