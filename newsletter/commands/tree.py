"""The command tree in the language spoken now: our help texts, and what Typer says itself."""

from __future__ import annotations

import difflib
import functools
import gettext
import inspect
import os
import re
from typing import TYPE_CHECKING, Any, TypeGuard

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from newsletter.commands import given
from newsletter.errors import WrongUsage
from newsletter.language import N_, SOURCE, TRANSLATIONS, _, spoken

if TYPE_CHECKING:
    from collections.abc import Callable


class NoSuchCommand(WrongUsage):
    sentence = N_("Den Befehl „{name}“ gibt es nicht.{nearest}")


# How the commands stand in the help; what is not named here stands at the end.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("Jeden Tag"),
        ("agenda", "desk", "queue", "issue", "calendar", "stories", "undo", "log", "report"),
    ),
    (N_("Abonnements und Mitgliedscluster"), ("subscribers", "clusters")),
    (
        N_("Betrieb"),
        (
            *("init", "run", "serve", "work", "dispatch", "db", "template", "editors", "ssh"),
            *("completion", "demo"),
        ),
    ),
)


class _Words:
    """A command whose usage line and help option speak our language."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]
        pieces = pieces.replace("[OPTIONS]", _("[OPTIONEN]"))
        pieces = pieces.replace("COMMAND [ARGS]...", _("BEFEHL …"))
        # Our names say themselves what may be left out: [DATEI], and what repeats: ID…
        pieces = re.sub(r"\{(.+?)\}(?:\.\.\.)?", r"\1", pieces)
        pieces = re.sub(r"\[\[(.+?)\]\]", r"[\1]", pieces)
        formatter.write_usage(ctx.command_path, pieces, prefix=_("Aufruf:") + " ")

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        option: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = _("Diese Hilfe.")
        return option


class _Verb(_Words, TyperCommand):
    pass


class _Group(_Words, TyperGroup):
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            nearest = _(" Gemeint vielleicht: {command}").format(command=near[0]) if near else ""
            raise NoSuchCommand(name=args[0], nearest=nearest)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """At the top the commands stand in groups, by who needs them how often."""
        if ctx.parent is not None:
            super().format_commands(ctx, formatter)
            return
        grouped = {name for __, names in GROUPS for name in names}
        rest = [name for name in self.list_commands(ctx) if name not in grouped]
        for at, (heading, names) in enumerate(GROUPS, 1):
            more = rest if at == len(GROUPS) else []
            known = [(name, self.commands.get(name)) for name in (*names, *more)]
            with formatter.section(_(heading)):
                formatter.write_dl([(n, it.get_short_help_str(60)) for n, it in known if it])


class Noun(typer.Typer):
    """A noun of the tree with its verbs; without a verb it shows its help."""

    def __init__(self, *, help: str, **more: Any) -> None:
        super().__init__(help=help, cls=_Group, no_args_is_help=True, rich_markup_mode=None, **more)

    def command(self, name: str | None = None, **more: Any) -> Any:
        """Mount a verb."""
        return super().command(name, cls=_Verb, **more)


def translated(app: typer.Typer) -> Any:
    """The finished tree with its help in the language spoken now; call it with arguments.

    Help texts stand in German in docstrings and ``help=``, evaluated long before anybody
    knows the home; so they are translated on the tree, not where they stand.
    """
    # Typer's own few words come from the standard domain, found by the environment.
    os.environ["LANGUAGE"] = spoken()
    gettext.bindtextdomain("messages", str(TRANSLATIONS))
    return _finished(app, spoken())


@functools.cache  # for tests: a process that is one command asks once
def _finished(app: typer.Typer, language: str) -> Any:
    command = typer.main.get_command(app)
    _read_values(command, ())
    if language != SOURCE:
        _translate(command)
    return command


def _read_values(command: Any, path: tuple[str, ...]) -> None:
    """Let every parameter take what people give it: beginnings of names, ids from a pipe."""
    for param in command.params:
        option = next(iter(param.opts), "")
        if read := given.taking(path, param.metavar or "", option):
            param.callback = functools.partial(_read, read)
    for name, below in getattr(command, "commands", {}).items():
        _read_values(below, (*path, name))


def _read(read: Callable[[Any], Any], _ctx: Any, _param: Any, value: Any) -> Any:
    return read(value) if value else value


def _translate(command: Any) -> None:
    command.help = help_of(command.help)
    command.epilog = _(command.epilog or "") or None
    for param in command.params:
        param.metavar = _(param.metavar or "") or None
        if text := getattr(param, "help", None):
            param.help = _(text)
    for each in getattr(command, "commands", {}).values():
        _translate(each)


def help_of(text: str | None) -> str | None:
    """A help text, translated up to its example; commands are typed the same everywhere."""
    if not text:
        return text
    prose, mark, example = inspect.cleandoc(text).partition("\b")
    if not mark:
        return _(prose.strip())
    said, head = _(prose.strip()), _("Beispiel:")
    return f"{said}\n\n\b{example.replace('Beispiel:', head)}"


def is_wrong_usage(error: Exception) -> TypeGuard[Any]:
    """Whether Typer says with this that a command was typed in a wrong way."""
    return hasattr(error, "format_message") and hasattr(error, "ctx")


def sentence(error: Any) -> str:
    """Typer's complaint in our language, with the way to the command's help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(error.format_message())
    name = error.param.get_error_hint() if getattr(error, "param", None) else ""
    match type(error).__name__:
        case "MissingParameter":
            said = _("Es fehlt: {name}").format(name=name)
        case "NoSuchOption":
            said = _("Die Option {name} gibt es nicht.").format(name=error.option_name)
            if error.possibilities:
                said += _(" Gemeint vielleicht: {command}").format(command=error.possibilities[0])
        case "BadParameter" if "integer" in error.message:
            said = _("{name}: erwartet eine ganze Zahl.").format(name=name)
        case "BadParameter" if bounds := _bounds(error.param):
            said = f"{name}: {bounds}"
        case "BadParameter":
            said = f"{name}: {error.message}"
        case "BadOptionUsage":
            said = _("Die Option {name} braucht einen Wert.").format(name=error.option_name)
        case _:
            said = _other(str(error.format_message()))
    if error.ctx is None:
        return said
    way = _("Wie es geht, zeigt: {command} --help").format(command=error.ctx.command_path)
    return f"{said}\n{way}"


def _bounds(param: Any) -> str:
    """Between which numbers a value must lie; empty if it is no number with bounds."""
    least, most = (getattr(param, each, None) for each in ("min", "max"))
    if least is None:
        return ""
    if most is None:
        return _("erwartet eine Zahl ab {least}.").format(least=least)
    return _("erwartet eine Zahl von {least} bis {most}.").format(least=least, most=most)


def _other(message: str) -> str:
    head, __, extra = message.partition(" (")
    if head.startswith("Got unexpected extra"):
        return _("Zu viele Werte: {values}").format(values=extra.removesuffix(")"))
    return message
