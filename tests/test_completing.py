"""The tab key: what it offers, how fast, and in a real shell."""

import os
import resource
import subprocess
import sys
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cli
from newsletter.commands.completion import written_down
from newsletter.completing import grammar
from newsletter.completing.answer import answer
from newsletter.settings import Settings
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, news

__all__ = ["desk", "newsletter"]

KEY = "clusterplattform-2026-12"
TITLE = "Lichtwerk Havelbogen: Silber-Label erneut bestätigt"


def tree(language: str = "de") -> dict[str, Any]:
    return copy_context().run(written_down, cli.app, language)


@pytest.fixture
def environment(settings: Settings, home: Path, tmp_path: Path) -> dict[str, str]:
    return {
        "NEWSLETTER_HOME": str(home),
        "NEWSLETTER_DATABASE_URL": settings.database_url,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }


def offered(environment: dict[str, str], line: str) -> dict[str, str]:
    told = answer(line.split(" "), environment, tree)
    return dict(each.partition("\t")[::2] for each in told)


def test_ids_come_with_their_titles_and_only_where_they_fit(
    desk: Desk, newsletter: Newsletter, environment: dict[str, str]
) -> None:
    placed, waits = desk.accepted(), desk.accepted(news(title="Zweite Meldung vom See"))
    fresh = desk.hand_in(news(title="Frisch \x1b[31mherein"))
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12")
    newsletter("issue", "add", KEY, placed)
    assert list(offered(environment, "queue accept q")) == [fresh, waits, placed]
    assert offered(environment, "queue accept q")[placed] == TITLE
    assert "\x1b" not in offered(environment, "queue accept q")[fresh]
    assert list(offered(environment, f"queue accept {fresh} q")) == [waits, placed]
    assert list(offered(environment, "queue accept 1")) == ["1"]
    assert list(offered(environment, f"issue add {KEY} ")) == [waits]
    assert list(offered(environment, "issue remove 2026-12 ")) == [placed]
    assert offered(environment, "issue show cl")[KEY].startswith("Entwurf: Clusterplattform")
    assert offered(environment | {"NEWSLETTER_LANGUAGE": "en"}, "issue show ")[KEY][:6] == "draft:"
    assert KEY in offered(environment, "undo ")
    assert list(offered(environment, "clusters show l")) == ["lichtwerk"]


@pytest.mark.sqlite("the database has no part in words and options")
def test_words_options_and_names_are_completed(environment: dict[str, str]) -> None:
    assert list(offered(environment, "que")) == ["queue"]
    assert (
        offered(environment, "queue dec")["decline"] == "Einreichungen ablehnen, mit einem Grund."
    )
    assert "--reason" in offered(environment, "queue decline q1 --")
    assert "--reason" not in offered(environment, "queue decline --reason x q1 --re")
    assert list(offered(environment, "queue accept --for go")) == ["go-cluster"]
    assert list(offered(environment, "queue accept --for=go")) == ["--for=go-cluster"]
    assert list(offered(environment, "queue accept --for = go")) == ["--for=go-cluster"]
    assert "termine" in offered(environment, f"issue add {KEY} q1 --section ")
    assert list(offered(environment, "--as freigabe queue accept --as red")) == ["redaktion"]
    assert offered(environment, "queue edit q1 /tm") == {":files": ""}
    assert offered(environment, "queue show nix") == {}
    assert offered(environment | {"NEWSLETTER_HOME": "/nirgends"}, "queue show q") == {}


_WORDS = st.sampled_from(["queue", "accept", "--for", "=", "--as=", "-", "q1", ""])


@given(words=st.lists(_WORDS, min_size=1))
def test_whatever_stands_in_the_line_the_cursor_has_a_place(words: list[str]) -> None:
    found = grammar.place(_TREE, words)
    assert "".join(words).endswith(found.typed)


_TREE = tree()


def in_a_shell(environment: dict[str, str], tmp_path: Path, script: str) -> str:
    program = tmp_path / "newsletter"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m newsletter "$@"\n')
    program.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-c", 'eval "$(newsletter completion bash)"\n' + script],
        env=environment | path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.sqlite("the shell asks no database; both are read above")
def test_bash_shows_titles_puts_ids_in_and_answers_in_a_blink(
    desk: Desk, environment: dict[str, str], tmp_path: Path
) -> None:
    desk.hand_in()
    desk.hand_in(news(title="Zweite Meldung vom See"))
    offered(environment, "queue show q")  # keeps the command tree
    ask = (
        "COMP_WORDS=({}); COMP_CWORD=3; COMP_TYPE=63; _newsletter\n"
        'printf "%s\\n" "${{COMPREPLY[@]}}"\n'
    )
    words = ["newsletter queue show q", "newsletter queue show q2"]
    said = in_a_shell(environment, tmp_path, "".join(ask.format(it) for it in words))
    assert said.splitlines() == ["q2  Zweite Meldung vom See", f"q1  {TITLE}", "q2"]
    asked = [sys.executable, "-m", "newsletter", "queue", "show", "q"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for __ in range(3):
        done = subprocess.run(
            asked, env=environment | {"NEWSLETTER_COMPLETE": "bash"}, capture_output=True, text=True
        )
        assert TITLE in done.stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert spent / 3 < 0.1, "seconds of processor time per key"


def test_a_shell_that_is_not_known_is_told_which_are(newsletter: Newsletter) -> None:
    assert "bash, zsh, fish" in newsletter("completion", "tcsh").err
    assert "compdef _newsletter newsletter" in newsletter("completion", "zsh").out
    assert "complete -c newsletter" in newsletter("completion", "fish").out
