"""Where options come from besides the command line: the environment, and a file.

The file is TOML with a table for each command: ``[audit]``, ``fail-on = "warning"``.
What is typed goes before the environment, and that before the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from certlib import texts
from certlib.cli.common import A_FILE
from certlib.cli.console import err, out, safe

VARIABLE = "CERTLIB_CONFIG"
_META = "certlib.config"
_SAID_EACH_TIME = frozenset({"help", "version", "yes"})
"""Options that no file answers: above all whether somebody agrees."""


def _usual_file() -> Path:
    """Return where the file lies unless somebody says otherwise."""
    import platformdirs

    return Path(platformdirs.user_config_dir("certlib")) / "certlib.toml"


def _take(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
    ctx.meta[_META] = path = value or _usual_file()
    ctx.default_map = {}
    if value or path.is_file():
        from certlib.files import toml  # few have such a file

        ctx.default_map = toml.read(path)[0]


CONFIG = click.option(
    "--config",
    type=A_FILE,
    envvar=VARIABLE,
    expose_value=False,
    is_eager=True,
    callback=_take,
    help="Take options from this TOML file, a table for each command. Otherwise "
    "certlib.toml in your folder for settings is read, if it is there.",
)


def long_name(param: click.Parameter) -> str:
    """Return an option's long name as a file and the environment have it."""
    return max((o for o in param.opts if o.startswith("--")), default="").lstrip("-")


def _options(command: click.Command) -> dict[str, click.Option]:
    return {
        long_name(param): param
        for param in command.params
        if isinstance(param, click.Option) and long_name(param)
    }


def from_file(
    ctx: click.Context, command: click.Command, name: str, known: Iterable[str]
) -> None:
    """Let a command take its options from the file.

    Raises:
        InputError: the file has a table or key that nothing has; it says which.
    """
    if not ctx.default_map:
        return
    options = _options(command)
    for table in ctx.default_map:
        _hold(ctx, table, set(known), f"a table [{table}]")
    given = ctx.default_map.get(name, {})
    if not isinstance(given, dict):
        _refuse(ctx, f"{name} as a value", f"write a table: [{name}]")
    taken: dict[str | None, Any] = {}
    for key, value in given.items():
        _hold(ctx, key, options.keys() - _SAID_EACH_TIME, f"{key!r} in [{name}]")
        _fits(ctx, options[key], value, f"{key!r} in [{name}]")
        taken[options[key].name] = value
    ctx.default_map[name] = taken


def _hold(ctx: click.Context, word: str, known: set[str], called: str) -> None:
    if word not in known:
        import difflib

        near = difflib.get_close_matches(word, known, 3, 0.5) or sorted(known)
        _refuse(ctx, f"{called}, which is not known", f"take {', '.join(near)}")


def _fits(ctx: click.Context, param: click.Parameter, value: Any, called: str) -> None:
    flag = isinstance(param, click.Option) and param.is_flag
    kinds, wanted = (
        ((bool,), "true or false")
        if flag
        else ((list,), 'a list: ["…", "…"]')
        if param.multiple
        else ((str, int, float), "a text or a number")
    )
    if not isinstance(value, kinds) or (not flag and isinstance(value, bool)):
        # Not the value: it may be an address with its password.
        _refuse(ctx, f"{called} as another kind of value", f"write {wanted}")


def _refuse(ctx: click.Context, what: str, fix: str) -> None:
    from certlib.errors import InputError

    raise InputError(f"{ctx.meta[_META]} has {what}", fix=fix)


def source_of(ctx: click.Context | None, param: click.Parameter | None) -> str:
    """Return where an option's value came from, if nobody typed it."""
    if ctx is None or param is None or not param.name:
        return ""
    source = ctx.get_parameter_source(param.name)
    if source is ParameterSource.ENVIRONMENT:
        return f"variable {param.envvar}"
    if source is ParameterSource.DEFAULT_MAP:
        return f"{long_name(param)!r} in [{ctx.info_name}] of {ctx.meta.get(_META)}"
    return ""


def _hush(_: click.Context, __: click.Parameter, value: bool) -> None:
    out.quiet = out.quiet or value


def _tell(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        ctx.call_on_close(lambda: _tell_sources(ctx))


def _tell_sources(ctx: click.Context) -> None:
    for param in ctx.command.params:
        if origin := source_of(ctx, param):
            err.print(f"  --{long_name(param)}: {safe(origin)}")


def _common() -> tuple[click.Option, click.Option]:
    return (
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_hush,
            help="Show only errors, and what was asked for as JSON.",
        ),
        click.Option(
            ["-v", "--verbose"],
            is_flag=True,
            expose_value=False,
            callback=_tell,
            help="Say which options came from the environment or a file.",
        ),
    )


def _refuse_blank(ctx: click.Context, param: click.Parameter, value: object) -> object:
    """Let no empty text pass: a script's variable that is not set, above all."""
    given = value if isinstance(value, tuple) else (value,)
    blank = any(isinstance(one, str) and not texts.pasted(one) for one in given)
    if blank and ctx.get_parameter_source(param.name or "") not in _DEFAULTS:
        raise click.BadParameter("it is empty: give a value, or leave the option out")
    return value


_DEFAULTS = (ParameterSource.DEFAULT, None)


def _also(first: Callback, then: Callback | None) -> Callback:
    if then is None:
        return first
    return lambda ctx, param, value: then(ctx, param, first(ctx, param, value))


Callback = Callable[[click.Context, click.Parameter, Any], Any]


def complete(command: click.Command, name: str) -> None:
    """Give a command -q and -v unless it has its own, and variables for its options.

    None of its options takes an empty text.
    """
    taken = {opt for param in command.params for opt in param.opts}
    command.params += [one for one in _common() if taken.isdisjoint(one.opts)]
    for long, param in _options(command).items():
        variable = f"CERTLIB_{name}_{long}".upper().replace("-", "_")
        param.envvar = param.envvar or variable
        param.callback = _also(_refuse_blank, param.callback)
