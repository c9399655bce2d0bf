"""Completion: what a shell offers behind the Tab key, by click's own mechanism."""

from __future__ import annotations

import os

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
)

from certlib.cli.common import example
from certlib.cli.console import write

VARIABLE = "_CERTLIB_COMPLETE"
"""With it in the environment certlib is asked by a shell and not by a person."""

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $ast, $position)
    $env:%(complete_var)s = 'powershell_complete'
    $env:COMP_WORDS = ($ast.CommandElements | ForEach-Object { "$_" }) -join "`n"
    $env:COMP_WORD = $word
    try {
        %(prog_name)s | ForEach-Object {
            $part = $_.Split("`t")
            [System.Management.Automation.CompletionResult]::new(
                $part[0], $part[0], 'ParameterValue', $part[1])
        }
    } finally {
        Remove-Item 'Env:%(complete_var)s', 'Env:COMP_WORDS', 'Env:COMP_WORD'
    }
}
"""


@add_completion_class
class _PowerShell(ShellComplete):
    """PowerShell, which click does not know."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        words, word = os.environ["COMP_WORDS"].split("\n")[1:], os.environ["COMP_WORD"]
        return (words[:-1] if word and words else words), word

    def format_completion(self, item: CompletionItem) -> str:
        return f"{item.value}\t{item.help or item.value}".replace("\n", " ")


@click.command(
    epilog=example(
        "certlib completion bash > ~/.local/share/bash-completion/completions/certlib\n"
        "certlib completion zsh > ~/.zfunc/_certlib\n"
        "certlib completion fish > ~/.config/fish/completions/certlib.fish\n"
        "certlib completion powershell >> $PROFILE"
    )
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
def completion(shell: str) -> None:
    """Print what completes certlib's commands behind the Tab key, for a shell."""
    root = click.get_current_context().find_root().command
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 # one of the choices
    # Not `source`, which runs bash to see its version.
    made = kind(root, {}, "certlib", VARIABLE)
    write(made.source_template % made.source_vars() + "\n")
