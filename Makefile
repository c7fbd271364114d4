# Everything this project needs, on a bare machine with Python 3.11 or newer and make.
# Each target does its own set-up, into .venv; none needs root.

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

.DELETE_ON_ERROR:
.PHONY: help setup demo test peers mail-clients spamassassin chromium postgresql postfix lint chaos bench fuzz catalogues screenshots lock clean

help:
	@echo 'make demo    set up, then show the main job: site, inbox and story in the browser'
	@echo 'make test    set up, then run the tests'
	@echo 'make setup   set up only: .venv/bin/newsletter'
	@echo 'make lint    ruff, mypy, import-linter'
	@echo 'make chaos   kill the sender at random under a mail server that lies, and count'
	@echo 'make bench   measure how fast it sends, beside smtp-source'
	@echo 'make fuzz    try the properties on new examples, and many of them'
	@echo 'make catalogues   collect what is said, renew and compile the English catalogue'
	@echo 'make screenshots  take the pictures of docs/looks.md anew'
	@echo 'make peers   install the official MJML and html-validate, which the tests compare with'
	@echo 'make mail-clients  renew the table of what mail programs can show'
	@echo 'make lock    renew requirements/*.lock from pyproject.toml, and tests/peers'
	@echo 'make clean   remove what the targets above have made'

# DEMO="--once --json --mails out" hands options to the demo
demo: $(BIN)/.run
	@$(BIN)/newsletter demo $(DEMO)

# Compiled modules are kept, whatever the environment says of it: the program starts often here.
test: export PYTHONDONTWRITEBYTECODE :=

# DATABASES=both runs the tests of pages and commands, too, on SQLite and on PostgreSQL.
# TESTS="tests/test_letters_kept.py --snapshot-update" keeps how both newsletters look by now.
# TESTS="tests/test_queue.py -x" runs a part. One worker more than cores, since each waits a good
# part of its time, for a database, a mail server, a browser.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
test: $(BIN)/.test peers chromium postgresql postfix spamassassin
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile \
		--no-loadscope-reorder $(TESTS)

# The spam filter whose local rules both newsletters are tried with.
spamassassin:
	@command -v spamassassin >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing SpamAssassin …' >&2; export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -q >&2 && apt-get install -q -y --no-install-recommends \
			spamassassin >&2 && exit 0; fi; \
	echo 'No spamassassin was found, so tests/test_spam_filter.py will fail. Debian:' >&2; \
	echo '  sudo apt-get install --no-install-recommends spamassassin' >&2

# What mail programs know of HTML and CSS, by the newest data of caniemail.com.
mail-clients: $(BIN)/.test
	@mkdir -p .venv/mail-clients
	@cd .venv/mail-clients && $(NPM) pack --silent caniemail | xargs tar -xzf
	@$(NODE) tests/peers/mail_clients.mjs .venv/mail-clients/package \
		> newsletter/checks/mail_clients.json

# What the mails are compared with: the official MJML, html-validate (tests/peers), by a Node.js
# that comes with the tests' Python packages. None of it is asked for when the program runs.
# The lock file holds hashes and no address; no script of a package is run.
NPM := PATH="$(abspath $(BIN)):$$PATH" npm --loglevel=error --prefer-offline
NODE := $(abspath $(BIN))/node
peers: .venv/peers/.done
.venv/peers/.done: tests/peers/package.json tests/peers/package-lock.json tests/peers/.npmrc \
		| $(BIN)/.test
	@echo 'Installing what the mails are compared with (hashes are checked) …' >&2
	@mkdir -p $(@D)
	@cp $^ $(@D)
	@cd $(@D) && $(NPM) ci --ignore-scripts --no-audit --no-fund >/dev/null
	@touch $@

# Some tests need the system's Chromium, and Playwright's driver a library that a bare Debian
# has not; root may install them, everybody else is told how. The headless shell is Chromium
# without windows, and takes half the time; the whole browser does where it cannot be had.
# CHROMIUM=/path/to/chrome names another one.
SHELLS := $(CHROMIUM) chromium-headless-shell chrome-headless-shell
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable
chromium: $(BIN)/.test
	@any() { for name; do command -v "$$name" >/dev/null && return; done; return 1; }; \
	driver() { $(BIN)/playwright --version >/dev/null 2>&1; }; \
	install() { DEBIAN_FRONTEND=noninteractive \
		apt-get install -q -y --no-install-recommends "$$@" libatomic1 >&2; }; \
	any $(SHELLS) && driver && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing Chromium for the tests in tests/browser …' >&2; \
		apt-get update -q >&2; install chromium-headless-shell && exit 0; \
		any $(BROWSERS) || install chromium || true; fi; \
	any $(BROWSERS) && driver && exit 0; \
	echo 'Chromium is missing (or a library that its driver needs), so the tests in' >&2; \
	echo 'tests/browser will fail. Debian:' >&2; \
	echo '  sudo apt-get install chromium-headless-shell libatomic1' >&2; \
	echo 'Elsewhere install Chromium or Chrome and name it: make test CHROMIUM=/path/to/it' >&2

# The tests start a PostgreSQL server of their own, as whoever runs them (as root: as the user
# that Debian's package makes). None of the system's is started, none is touched.
postgresql:
	@for folder in /usr/lib/postgresql/*/bin; do \
		test -x "$$folder/initdb" && test -x "$$folder/postgres" && exit 0; done; \
	command -v initdb >/dev/null && command -v postgres >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing PostgreSQL for the tests …' >&2; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -q >&2 \
		&& apt-get install -q -y --no-install-recommends postgresql-common >&2 \
		&& sed -i 's/^#*create_main_cluster = true/create_main_cluster = false/' \
			/etc/postgresql-common/createcluster.conf \
		&& apt-get install -q -y --no-install-recommends postgresql >&2 && exit 0; fi; \
	echo 'No PostgreSQL server was found, so every test on PostgreSQL will fail. Debian:' >&2; \
	echo '  sudo apt-get install postgresql' >&2; \
	echo 'Elsewhere install it and put initdb and postgres on the PATH.' >&2

lint: $(BIN)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# new examples for every property, and many more of them than in the suite
fuzz: $(BIN)/.test
	@HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest --numprocesses auto -m hypothesis $(TESTS)

# CHAOS="--readers 2000 --kills 40 --seed 7 --database sqlite" stands a smaller ordeal
chaos: $(BIN)/.test postgresql
	@$(BIN)/python -m tests.chaos $(CHAOS)

# smtp-source and smtp-sink come with Postfix; its service is neither needed nor started here.
postfix:
	@PATH="$$PATH:/usr/sbin"; command -v smtp-sink >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing Postfix for smtp-source and smtp-sink …' >&2; \
		export DEBIAN_FRONTEND=noninteractive; \
		echo 'postfix postfix/main_mailer_type select No configuration' \
			| debconf-set-selections; \
		apt-get update -q >&2 && apt-get install -q -y --no-install-recommends postfix >&2 \
			&& exit 0; fi; \
	echo 'No smtp-sink was found, so nothing of benchmarks/ will run. Debian:' >&2; \
	echo '  sudo apt-get install postfix' >&2

# BENCH="pairs --runs 3" runs a part; BENCH="million --write" takes ten minutes
bench: $(BIN)/.test postgresql postfix
	@$(BIN)/python -m benchmarks $(or $(BENCH),--write)

catalogues: $(BIN)/.test
	@$(BIN)/python -m newsletter.translations.catalogue

screenshots: $(BIN)/.test chromium
	@$(BIN)/python -m tests.browser.screenshots

setup: $(BIN)/.run

# The stamps make a second run fast; a changed lock makes it install anew.
$(BIN)/.run: requirements/run.lock pyproject.toml $(BIN)/python
	@echo 'Installing what the program needs (hashes are checked) …' >&2
	@$(PIP) install --require-hashes --requirement requirements/run.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/.test: requirements/test.lock $(BIN)/.run
	@echo 'Installing what the tests need …' >&2
	@$(PIP) install --require-hashes --requirement requirements/test.lock
	@touch $@

# The first Python that is new enough and can make a .venv; the system's own before another that
# stands in its way, since distributions build theirs with optimisation: what pyenv builds by
# itself takes half as long again. PYTHON=/path/to/python chooses another.
PYTHONS := /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11 python
first = $(shell for python in $(PYTHONS); do \
	$$python -c 'import sys; $(1)sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
PYTHON := $(or $(call first,import ensurepip; import venv; ),$(call first))

$(BIN)/python:
	@test -n '$(PYTHON)' || { \
		echo 'This needs Python 3.11 or newer; none was found on the PATH.' >&2; \
		echo 'Debian 12, Ubuntu 24.04 and newer:  sudo apt-get install python3 python3-venv' >&2; \
		echo 'Or name one:  make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo '$(PYTHON) is older than Python 3.11.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo 'This Python comes without venv. The one line that installs it:' >&2; \
		echo "  sudo apt-get install $$($(PYTHON) -c \
			'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv

# uv resolves for every platform and Python; it comes by pip and only for this.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --upgrade
lock: $(BIN)/python
	@$(PIP) install uv
	$(LOCK) pyproject.toml --group build --output-file requirements/run.lock
	$(LOCK) pyproject.toml --group test --constraint requirements/run.lock \
		--output-file requirements/test.lock

lock: lock-peers
.PHONY: lock-peers
lock-peers: $(BIN)/.test
	cd tests/peers && $(NPM) install --package-lock-only --save-dev --save-exact \
		$$($(NODE) bare.mjs names) && $(NODE) bare.mjs

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache out
