"""``newsletter completion``: let the shell complete commands, options, and ids with titles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer

from newsletter import language
from newsletter.commands import tree
from newsletter.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

_BASH = r"""_newsletter() {
    local line word=${COMP_WORDS[COMP_CWORD]}
    local -a found
    mapfile -t found < <(NEWSLETTER_COMPLETE=bash "${COMP_WORDS[0]}" \
        "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    COMPREPLY=()
    if [[ ${found[0]} == :files ]]; then
        compopt -o default
        return
    fi
    compopt -o nosort 2>/dev/null
    for line in "${found[@]}"; do
        [[ $word == = || ${COMP_WORDS[COMP_CWORD-1]} == = ]] && line=${line#*=}
        if (( ${#found[@]} == 1 )) || [[ $COMP_TYPE == 37 || $COMP_TYPE == 42 ]]; then
            COMPREPLY+=("${line%%$'\t'*}")
        else
            line=${line/$'\t'/  }
            COMPREPLY+=("${line:0:${COLUMNS:-80}-4}")
        fi
    done
}
complete -F _newsletter newsletter
"""
_ZSH = r"""_newsletter() {
    local line
    local -a lines found
    lines=("${(@f)$(NEWSLETTER_COMPLETE=zsh ${words[1]} "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ ${lines[1]} == :files ]]; then
        _files
        return
    fi
    for line in $lines; do
        [[ -n $line ]] && found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    _describe -V newsletter found
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _newsletter newsletter
"""
_FISH = r"""function __newsletter_complete
    set -lx NEWSLETTER_COMPLETE fish
    set -l words (commandline -opc) (commandline -ct)
    set -l found (command $words[1] $words[2..-1] 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $found
    end
end
complete -c newsletter -f -k -a '(__newsletter_complete)'
"""
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def mount(app: typer.Typer) -> None:
    """Put the command into the tree."""
    app.command("completion")(completion)


def completion(
    shell: str = typer.Argument(..., metavar="SHELL", help="bash, zsh oder fish."),
) -> None:
    """Die Tabulatortaste einrichten: Befehle, Optionen, Kennungen mit Titeln.

    Was der Befehl ausgibt, führt die Shell bei jedem Start aus; die passende Zeile kommt in
    ihre Datei: für bash ~/.bashrc, für zsh ~/.zshrc, für fish ~/.config/fish/config.fish.

    \b
    Beispiel:
      echo 'eval "$(newsletter completion bash)"' >> ~/.bashrc
      echo 'eval "$(newsletter completion zsh)"' >> ~/.zshrc
      newsletter completion fish > ~/.config/fish/completions/newsletter.fish
    """
    from newsletter.errors import WrongUsage

    if shell not in _SCRIPTS:
        wrong = _("„{shell}“ geht nicht; möglich: bash, zsh, fish.")
        raise WrongUsage(why=wrong.format(shell=shell))
    print(_SCRIPTS[shell], end="")


# -- the tree, for those who answer the key ---------------------------------------------------


def written_down(app: typer.Typer, spoken: str) -> dict[str, Any]:
    """The tree as ``completing`` reads it, in a language."""
    from newsletter.issues.change import STATE_WORDS

    language.choose(language.known(spoken))
    states = {state.value: _(word) for state, word in STATE_WORDS.items()}
    return _written(typer.main.get_command(app), ()) | {"states": states}


def _written(command: Any, path: tuple[str, ...]) -> dict[str, Any]:
    said = (tree.help_of(command.help) or "").strip().partition("\n")[0]
    below = getattr(command, "commands", {})
    if below:
        return {
            "help": said,
            "commands": {name: _written(it, (*path, name)) for name, it in below.items()},
        }
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    return {
        "help": said,
        "options": [_option(each, path) for each in command.params if each not in arguments],
        "arguments": [_takes(each, path) for each in arguments],
        "repeats": any(each.nargs == -1 for each in arguments),
    }


def _option(param: Any, path: Sequence[str]) -> dict[str, Any]:
    return {
        "names": [*param.opts, *param.secondary_opts],
        "help": _(getattr(param, "help", None) or "").partition("\n")[0],
        "takes": None if param.is_flag else _takes(param, path),
        "many": bool(param.multiple),
    }


def _takes(param: Any, path: Sequence[str]) -> str:
    """What a parameter takes, by what its place in the help is called."""
    place = re.sub(r"[\[\]…]", "", param.metavar or "")
    verb = " ".join(path)
    if place in {"ID", "ID NAME", "BLEIBT", "ANDERE"}:
        return _item(verb)
    if place == "SLUG":
        of_cluster = path[:1] == ("clusters",) or "--cluster" in param.opts
        return "cluster" if of_cluster else "newsletter"
    return _BY_PLACE.get(f"{verb} {place}") or _BY_PLACE.get(place, "text")


def _item(verb: str) -> str:
    if verb == "issue add":
        return "item accepted"
    if verb in {"issue remove", "issue move", "issue swap"}:
        return "item placed"
    if verb in {"undo", "log"}:
        return "item or issue"
    decides = {"accept", "decline", "ask", "defer", "merge", "assign"}
    return "item open" if verb.partition(" ")[2] in decides else "item"


_BY_PLACE = {
    "AUSGABE": "issue",
    "RUBRIK": "section",
    "DATEI": "file",
    "ORDNER": "file",
    "SHELL": "choice:bash,zsh,fish",
    "queue list ART": "choice:news,date,success_story",
    "queue list STAND": "choice:received,in_review,question,decided,merged,withdrawn,asked,"
    "accepted,held_over,declined,all",
    "log ART": "item or issue",
    "issue schedule ZEIT": "choice:now",
    "issue request NAME": "person",
    "issue approve NAME": "person",
    "queue assign NAME": "editor",
}
