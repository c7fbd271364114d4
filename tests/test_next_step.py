"""What an editor reads about an approval at the terminal, and what to type next."""

import ast
import shlex
from pathlib import Path

import pytest

from newsletter import issues
from newsletter.commands.log import DONE
from newsletter.history import PUBLIC
from newsletter.issues import Answer
from newsletter.issues.register import CHANGES
from tests.approval_situations import ERIKA, token_in
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk

__all__ = ["desk", "newsletter"]  # the fixtures

pytestmark = pytest.mark.skin

KEY = "clusterplattform-2026-12"
SECOND = "Käthe Müller-Lüdenscheidt"
WISH = "Bitte das Grußwort kürzen\nund den Termin streichen."


@pytest.fixture
def key(home: Path, desk: Desk, newsletter: Newsletter) -> str:
    """A draft; the second editor's name has a blank, and somebody outside approves."""
    config = home / "newsletter.toml"
    text = config.read_text("utf-8").replace('name = "freigabe"', f'name = "{SECOND}"')
    erika = f'[[approvers]]\nname = "{ERIKA}"\nemail = "erika@ministerium.example"\n\n'
    config.write_text(text.replace("[approval]", f"{erika}[approval]"), "utf-8")
    desk.accepted()
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12")
    newsletter("issue", "fill", KEY)
    return KEY


def offered(said: str) -> list[str]:
    """The words of the last command that a text prints, as a shell takes them."""
    line = next(line for line in reversed(said.splitlines()) if "newsletter " in line)
    return shlex.split(line[line.index("newsletter ") :])


def test_a_printed_command_can_be_typed_whatever_somebody_is_called(
    newsletter: Newsletter, key: str
) -> None:
    wanted = ["newsletter", "--as", SECOND, "issue", "approve", key]
    asked = newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    assert offered(asked.out) == wanted
    assert offered(newsletter("issue", "status", key).out) == wanted
    assert offered(newsletter("issue", "approve", key).err) == wanted
    assert offered(newsletter("issue", "request", key, "--accept-warnings", "ja").err) == wanted
    agenda = newsletter("agenda").out.splitlines()
    assert wanted in [offered(line) for line in agenda if f"approve {key}" in line]
    assert newsletter(*offered(asked.out)[3:], as_=SECOND).code == 0


def test_while_somebody_is_asked_by_letter_nobody_is_told_to_approve(
    newsletter: Newsletter, key: str
) -> None:
    newsletter("issue", "request", key, "--to", ERIKA, "--accept-warnings", "geprüft")
    for words in (("issue", "status", key), ("issue", "show", key), ("issue", "check", key)):
        said = newsletter(*words).out
        assert "issue approve" not in said, words
    assert f"Gefragt ist {ERIKA}, per Link" in newsletter("issue", "status", key).out


@pytest.mark.parametrize(
    ("answer", "said"), [("changes", "wünscht Änderungen"), ("decline", "hat nicht freigegeben")]
)
def test_an_approvers_wish_is_read_wherever_an_editor_looks(
    newsletter: Newsletter, desk: Desk, key: str, answer: str, said: str
) -> None:
    newsletter("issue", "request", key, "--to", ERIKA, "--accept-warnings", "geprüft")
    desk.do(issues.decide, token_in(desk), Answer(answer), ERIKA, WISH, who=PUBLIC)
    status = newsletter("issue", "status", key)
    assert f"{ERIKA} {said}: Bitte das Grußwort kürzen" in status.out
    assert "Freigabe angefragt" not in status.out
    assert offered(status.out) == ["newsletter", "issue", "edit", key]
    facts = newsletter("issue", "status", key, "--json").json
    assert (facts["returned_by"], facts["returned_answer"]) == (ERIKA, answer)
    agenda = newsletter("agenda").words
    assert f"{ERIKA} {said}: „Bitte das Grußwort kürzen und den Termin streichen.“" in agenda
    log = newsletter("log", "issue", key).out
    assert f"{ERIKA} (per Link)" in log
    assert ("Änderungen gewünscht" in log) is (answer == "changes")
    assert ("abgelehnt" in log) is (answer == "decline")

    newsletter("issue", "remove", key, "q1")
    assert offered(newsletter("issue", "status", key).out) == ["newsletter", "issue", "check", key]
    newsletter("issue", "add", key, "q1")
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    assert said not in newsletter("issue", "status", key).out


def test_the_log_says_in_german_whatever_is_recorded(
    newsletter: Newsletter, desk: Desk, key: str
) -> None:
    newsletter("issue", "test", key, "redaktion@go-cluster.example")
    newsletter("issue", "request", key, "--accept-warnings", "geprüft")
    newsletter("issue", "fill", key)
    desk.accepted()
    newsletter("issue", "add", key, "q2")
    log = newsletter("log", "issue", key).out
    assert "als Testmail geschickt" in log
    assert "geändert: Beiträge aufgenommen" in log
    root = Path(issues.__file__).parents[1]
    recorded: set[str] = set()
    for path in root.rglob("*.py"):
        module = ast.parse(path.read_text("utf-8"))
        given = [
            call.args[2]
            for call in ast.walk(module)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "record"
            and len(call.args) > 2
        ]
        recorded |= {what for each in given for what in _may_be(each, module)}
    assert len(recorded) > 40
    assert recorded | CHANGES.keys() <= DONE.keys()


def _may_be(value: ast.expr, module: ast.Module) -> set[str]:
    """The strings that it may be, as far as this module says."""
    match value:
        case ast.Constant(value=str(said)):
            return {said}
        case ast.IfExp(body=one, orelse=other):
            return _may_be(one, module) | _may_be(other, module)
        case ast.Name(id=name):
            return {said for it in _assigned(name, module) for said in _may_be(it, module)}
    return set()


def _assigned(name: str, module: ast.Module) -> list[ast.expr]:
    found: list[ast.expr] = []
    for it in ast.walk(module):
        match it:
            case ast.Assign(targets=[ast.Name(id=to)], value=value) if to == name:
                found.append(value)
            case ast.Assign(targets=[ast.Tuple(elts=to)], value=ast.Tuple(elts=values)):
                pairs = zip(to, values, strict=True)
                found += [it for each, it in pairs if getattr(each, "id", "") == name]
    return found


def test_an_issue_that_begins_to_leave_does_not_stand_twice_in_one_state() -> None:
    words = issues.STATE_WORDS.values()
    assert len(set(words)) == len(words)


def test_the_help_of_log_names_every_kind_there_is(newsletter: Newsletter) -> None:
    refused = newsletter("log", "quatsch").err
    possible = refused.partition("Möglich: ")[2].split(".")[0].split(", ")
    assert len(possible) > 5
    told = " ".join(newsletter("log", "--help").out.split())
    assert all(kind in told for kind in possible)


def test_what_the_program_refuses_it_refuses_in_german(
    newsletter: Newsletter, tmp_path: Path
) -> None:
    too_high = newsletter("run", "--port", "99999")
    assert too_high.code == 2
    assert "--port': erwartet eine Zahl von 0 bis 65535." in too_high.err
    assert "--last': erwartet eine Zahl ab 1." in newsletter("log", "--last", "0").err
    for path, why in ((tmp_path / "nix.md", "gibt es nicht"), (tmp_path, "das ist ein Ordner")):
        refused = newsletter("queue", "add", str(path), "--source", "BMWE")
        assert refused.code == 1
        assert why in refused.err
