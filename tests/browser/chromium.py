"""The system's own Chromium, and the accessibility checker axe-core that runs inside it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# The shell first: it is Chromium without windows, and needs half the time.
NAMES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
MISSING = (
    "The browser tests need Chromium, and none was found. Debian: sudo apt-get install"
    " chromium-headless-shell. Elsewhere install Chromium or Chrome and name it:"
    " CHROMIUM=/path/to/chromium make test"
)
# No sandbox, as it refuses to run as root; only our own loopback pages are opened. The rest
# keeps the browser from asking its maker's servers for anything.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=1",
    "--in-process-gpu",
    "--disable-features=Translate,BackForwardCache",
]
# WCAG 2.2 AA, which holds those of 2.0 and 2.1, and what axe's makers recommend besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def installed() -> str:
    """Where Chromium is; the tests fail where it is not."""
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return found


@contextmanager
def started() -> Iterator[Browser]:
    """Chromium without a window, with an empty profile."""
    path = installed()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


def violations(page: Page, besides: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds wrong by day and by night: rule, element, cure.

    By night only colours differ. ``besides`` names rules that do not apply. The mails that some
    pages show in frames have tests of their own (test_mails).
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_AXE)  # by the debugger's door: our policy forbids the page itself any script
    by_day = {"runOnly": RULES, "rules": {rule: {"enabled": False} for rule in besides}}
    by_night = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    page.emulate_media(color_scheme="light")
    found = [f"light: {each}" for each in _found(page, by_day)]
    page.emulate_media(color_scheme="dark")
    return found + [f"dark: {each}" for each in _found(page, by_night)]


def _found(page: Page, options: dict[str, Any]) -> list[str]:
    wrong: dict[str, Any] = page.evaluate(
        "it => axe.run(document, {...it, resultTypes: ['violations'], iframes: false,"
        " preload: false})",
        options,
    )
    return [
        f"{rule['id']}: {node['html'][:150]} – {node['failureSummary']}"
        for rule in wrong["violations"]
        for node in rule["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways, or is cut off at its own edge."""
    found: list[str] = page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          const all = [...document.body.querySelectorAll('*')];
          const out = all.filter(it => it.getBoundingClientRect().right > wide + 0.5);
          // what only a screen reader meets is one pixel wide
          const cut = all.filter(it => it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 1
            && getComputedStyle(it).overflowX === 'hidden');
          const scrolls = document.documentElement.scrollWidth > wide;
          return [...(scrolls ? out : []), ...cut].map(it => it.outerHTML.slice(0, 120));
        }"""
    )
    return found
