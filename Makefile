# `make help` lists the targets. Needs Python 3.11 to 3.13, Java 17, OpenMP, OpenSSH's client and make; what is missing is installed
# where that is possible.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m loanwatch
READY := .venv/ready
START := 2024-12-29
DAYS := 96
NIGHTS := 2025-04-01 2025-04-02 2025-04-03
LAST := 2025-04-03
DEMO := $(CURDIR)/demo
BENCH := $(CURDIR)/bench
WARNED := $(CURDIR)/warned
DATA ?= $(CURDIR)/../shared/data
export LOANWATCH_DATA := $(DATA)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check airflow real bench bench-values warnings clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(READY)  ## make .venv from the lock, fetch the two Delta jars, look for Java

$(READY): requirements.txt pyproject.toml setup.py
	@sh tools/java.sh
	@sh tools/openssh.sh
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "Python 3.11 to 3.13 is needed; give it by PYTHON=python3.11"; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -r requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@sh tools/openmp.sh $(BIN)/python
	@$(RUN) doctor --fetch-jars --env demo
	@touch $(READY)

demo: $(READY)  ## a book of 10,000 loans, three business days through the real DAG, and where to look
	@rm -rf $(DEMO)
	@$(RUN) synth --loans 10000 --days $(DAYS) --seed 1 --start $(START) --out $(DEMO)
	@LOANWATCH_ENV=demo LOANWATCH__LAKE=$(DEMO)/lake LOANWATCH__INBOX=$(DEMO)/inbox LOANWATCH__SPARK__JARS=$(CURDIR)/.jars \
	  $(BIN)/python -m loanwatch.scheduling run $(addprefix --date ,$(NIGHTS))
	@$(RUN) read report.watch_list --date $(LAST) --lake $(DEMO)/lake --columns place,loan_id,colour,exposure_minor,reasons_en --rows 10
	@echo
	@echo "page:   $$(ls $(DEMO)/lake/report/page/$(LAST)/*.en.html)"
	@echo "        $$(ls $(DEMO)/lake/report/page/$(LAST)/*.zh.html)"
	@echo "go on:  $(RUN) why LOAN --date $(LAST) --lake demo/lake --brief"
	@echo "        $(RUN) read report.change --date $(LAST) --lake demo/lake --csv change.csv"
	@echo "        $(RUN) tables; $(RUN) feeds; $(RUN) rules; $(RUN) doctor; make airflow"

test: check  ## all checks and tests
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=20 --durations-min=10

check: $(READY)  ## ruff, mypy strict, layering
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m pytest -q tests/test_layers.py

airflow: $(READY)  ## the Airflow UI with the DAGs, at a printed address
	@LOANWATCH_ENV=demo LOANWATCH__LAKE=$(DEMO)/lake LOANWATCH__INBOX=$(DEMO)/inbox LOANWATCH__SPARK__JARS=$(CURDIR)/.jars \
	  $(BIN)/python -m loanwatch.scheduling serve

real: $(READY)  ## 43 months of 3,513 real vehicle loans, and how early the charge-offs were warned of
	@$(BIN)/python tests/real/lead_time.py --data $(DATA)/02-auto-loan-abs-ee --out real

bench: $(READY)  ## nights on 1,000,000 loans: CPU seconds a stage, memory, bytes; balance, admission, collateral, rules one by one
	@rm -rf $(BENCH)
	@$(BIN)/python tests/bench/night.py --folder $(BENCH)
	@$(BIN)/python tests/bench/steps.py --folder $(BENCH)
	@$(BIN)/python tests/bench/balance.py --folder $(BENCH)
	@$(BIN)/python tests/bench/admission.py
	@$(BIN)/python tests/bench/derive.py --folder $(BENCH)
	@$(BIN)/python tests/bench/cover.py --folder $(BENCH)
	@$(BIN)/python tests/bench/rules.py
	@$(BIN)/python tests/bench/forms.py

warnings: $(READY)  ## what warnings are worth on data 01, 02 and 05: tests/bench/warnings.md (hours)
	@$(BIN)/python tests/bench/warned.py --data $(DATA) --folder $(WARNED)

bench-values: $(READY)  ## what values of houses and vehicles are worth on data 02, 07, 08, 09, 11, 12: tests/bench/values.md
	@$(BIN)/python tests/bench/values.py --data $(DATA)

clean:  ## remove everything that was made
	@rm -rf .venv .jars .airflow demo real bench warned build jobs/*.egg-info .mypy_cache .pytest_cache .ruff_cache
