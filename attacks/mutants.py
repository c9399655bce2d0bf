"""Mutants: changes of the judge that the tests have to notice.

    uv run --with cosmic-ray python -m attacks.mutants --of 20
    uv run --with cosmic-ray python -m attacks.mutants certlib/rules/lifetime.py

cosmic-ray makes the changes: a comparison the other way round, a number one more, an
"and" for an "or". Each is put into the functions of a process of its own, and the tests
of its room that work with its module run there until one fails: those first that come
by its line, and the fast ones before the slow. What no test notices is listed.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import importlib
import json
import os
import random
import re
import resource
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NoReturn

from attacks import Outcome
from attacks.figures import write

ROOT = Path(__file__).parents[1]
TESTS = {
    "rules": ("rules", "servers", "secrecy", "gate"),
    "trust": (
        *("path_parts", "trust", "chains", "formalities", "path_table", "path_bounds"),
        *("path_published", "one_voice", "weak_keys", "revocation"),
    ),
    "importing": ("importing", "twins"),
    "names": ("names", "accounts", "specs", "stores"),
    "auditing": ("gate", "reports", "report_formats"),
}
"""The rooms that judge, and which tests look at each."""

NOT_JUDGING = {
    *("__main__", "catalogue", "citations", "measured", "remedies", "severity"),
    *("revocation", "revocation_lists", "responders"),  # their tests ask real servers
}
WORK = 120
"""Seconds of work for the tests: a change that never ends is noticed, too."""

MEANT = re.compile(
    r"core/(ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt"
    r"|Lt_GtE|Gt_LtE|Is_IsNot|IsNot_Is)|ReplaceBinaryOperator_(Add_Sub|Sub_Add"
    r"|BitOr_BitAnd|BitAnd_BitOr)|ReplaceUnaryOperator_Delete_Not|AddNot"
    r"|Replace(TrueWithFalse|FalseWithTrue|AndWithOr|OrWithAnd|BreakWithContinue"
    r"|ContinueWithBreak)|NumberReplacer|ZeroIterationForLoop)"
)


def modules() -> list[Path]:
    found = [p for room in TESTS for p in (ROOT / "certlib" / room).glob("*.py")]
    return sorted(
        path
        for path in found
        if path.stem not in NOT_JUDGING
        and (path.parent.name != "auditing" or path.stem == "suppressions")
    )


def mutants(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the changes of a module: which, and its source with that."""
    from cosmic_ray import plugins
    from cosmic_ray.mutating import MutationVisitor

    source = path.read_text(encoding="utf-8")
    meant = _meaning(source)
    for name in sorted(plugins.operator_names()):
        if not MEANT.fullmatch(name):
            continue
        operator, number = plugins.get_operator(name)(), 0
        while changed := MutationVisitor.mutate_code(source, operator, number):
            number += 1
            with contextlib.suppress(SyntaxError):  # it is no Python any more
                if _meaning(changed) != meant:
                    yield f"{name.removeprefix('core/')} {number}", changed


def _meaning(source: str) -> str:
    """Return what a module does: not its annotations, nor how a class is laid out.

    Nor how much it remembers, which costs time only.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            node.decorator_list = [d for d in node.decorator_list if not _caches(d)]
        elif isinstance(node, ast.Call):
            node.keywords = [k for k in node.keywords if k.arg != "repr"]
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Name("object")
        elif isinstance(node, ast.ClassDef):
            node.decorator_list = []
    return ast.dump(tree)


def _caches(decorator: ast.expr) -> bool:
    return "cache" in ast.unparse(decorator).partition("(")[0]


def functions(module: types.ModuleType) -> dict[str, types.FunctionType]:
    """Return the functions of a module and of its classes, undecorated."""
    found: dict[str, types.FunctionType] = {}

    def collect(holder: Any) -> None:
        for value in list(vars(holder).values()):
            for one in (value, *(getattr(value, n, None) for n in ("fget", "func"))):
                one = getattr(one, "__wrapped__", getattr(one, "__func__", one))
                ours = getattr(one, "__module__", "") == module.__name__
                if isinstance(one, types.FunctionType) and ours:
                    found.setdefault(one.__qualname__, one)
            if isinstance(value, type) and value.__module__ == module.__name__:
                collect(value)

    collect(module)
    return found


def put(module: types.ModuleType, source: str) -> None:
    """Give the functions of a loaded module, and its constants, what a source says."""
    path = Path(str(module.__file__))
    before = _run(module, path.read_text(encoding="utf-8"))
    after = _run(module, source)
    theirs = functions(after)
    for name, function in functions(module).items():
        if name in theirs:
            other = theirs[name]
            function.__code__ = other.__code__
            function.__defaults__ = other.__defaults__
            function.__kwdefaults__ = other.__kwdefaults__
    for name, value in vars(after).items():
        if repr(value) != repr(vars(before).get(name)) and _is_constant(name, value):
            _set(module, name, value)


def _run(module: types.ModuleType, source: str) -> types.ModuleType:
    """Return another module of that name, with what a source says."""
    made = types.ModuleType(module.__name__)
    made.__dict__.update({n: v for n, v in vars(module).items() if n.startswith("__")})
    exec(compile(source, str(module.__file__), "exec"), made.__dict__)
    return made


CONSTANTS = (str, int, float, tuple, frozenset, set, dict, list, timedelta, date)


def _is_constant(name: str, value: object) -> bool:
    return isinstance(value, (*CONSTANTS, re.Pattern)) and not name.startswith("__")


def _set(module: types.ModuleType, name: str, value: object) -> None:
    """Set a constant where it stands, and where it was imported from there."""
    meant = vars(module).get(name)
    for one in [m for n, m in sys.modules.items() if n.startswith("certlib")]:
        if one is module or (name in vars(one) and vars(one)[name] is meant):
            setattr(one, name, value)


class Hunt:
    """A plug-in of pytest that runs the collected tests once for each change."""

    def __init__(self, paths: list[Path], of: int) -> None:
        self.paths, self.of = paths, of
        self.tried, self.missed = 0, list[str]()
        self._said = os.fdopen(os.dup(1), "w")

    def pytest_runtestloop(self, session: Any) -> bool:
        every, watch = list(session.items), watched(session, self.paths)
        for path in self.paths:
            found = list(mutants(path))
            if self.of:
                chance = random.Random(path.name)
                found = chance.sample(found, min(self.of, len(found)))
            for _, source in found:
                session.items[:] = watch.of(every, path, changed_lines(path, source))
                self.tried += 1
                if not noticed(session, path, source):
                    self.missed.append(difference(path, source))
                    print(self.missed[-1], file=self._said, flush=True)
            print(path.stem, f"{self.tried:,}", file=self._said, flush=True)
        return True


@dataclass
class Watch:
    """What the tests do without any change.

    Attributes:
        seconds: that each takes.
        lines: by path and number, the tests that come by.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[str, list[str]]]

    def of(self, items: list[Any], path: Path, changed: set[int]) -> list[Any]:
        """Return the tests that work with a module, in the order of their promise."""
        lines = self.lines[str(path)]
        within = {name for names in lines.values() for name in names}
        by = {name for line in changed for name in lines.get(str(line), ())}
        # What runs at import only, as a rule's source, any test may look at.
        chosen = within if by else {item.nodeid for item in items}
        there = [item for item in items if item.nodeid in chosen]
        return sorted(there, key=lambda i: (i.nodeid not in by, self.seconds[i.nodeid]))


def watched(session: Any, paths: list[Path]) -> Watch:
    """Run the tests without any change."""
    reader, writer = os.pipe()
    with os.fdopen(reader) as known:
        if not os.fork():
            _child(session, lambda: _watch(session, paths, writer))
        os.close(writer)
        said = known.read()
    os.wait()
    if not said:
        raise session.Interrupted("fails unchanged")
    return Watch(*json.loads(said))


def _watch(session: Any, paths: list[Path], writer: int) -> None:
    from _pytest.main import pytest_runtestloop
    from coverage import Coverage

    coverage = Coverage(
        data_file=None, include=list(map(str, paths)), config_file=False
    )
    seconds: dict[str, float] = {}

    class Timing:
        def pytest_runtest_logstart(self, nodeid: str) -> None:
            coverage.switch_context(nodeid)
            seconds[nodeid] = -time.monotonic()

        def pytest_runtest_logfinish(self, nodeid: str) -> None:
            seconds[nodeid] += time.monotonic()

    session.config.pluginmanager.register(Timing())
    coverage.start()
    pytest_runtestloop(session)
    coverage.stop()
    known = coverage.get_data()
    lines = {str(p): known.contexts_by_lineno(str(p)) for p in paths}
    if not session.testsfailed:
        with os.fdopen(writer, "w") as out:
            json.dump([seconds, lines], out)


def noticed(session: Any, path: Path, source: str) -> bool:
    """Tell whether a test fails with a change."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
    return _child(session, lambda: _changed(session, path, source))


def _changed(session: Any, path: Path, source: str) -> None:
    from _pytest.main import pytest_runtestloop

    resource.setrlimit(resource.RLIMIT_CPU, (WORK, WORK))
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    put(importlib.import_module(name.removesuffix(".__init__")), source)
    pytest_runtestloop(session)


def _child(session: Any, work: Callable[[], None]) -> NoReturn:
    """Be a process that works without a word, and ends with whether no test failed."""
    code = 1
    with contextlib.suppress(BaseException):
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        work()
        code = 0 if not session.testsfailed else 1
    os._exit(code)


def changed_lines(path: Path, source: str) -> set[int]:
    """Return the numbers of the lines that a change touches."""
    before = path.read_text(encoding="utf-8").splitlines()
    matcher = difflib.SequenceMatcher(None, before, source.splitlines(), False)
    parts = [(i, j) for what, i, j, _, _ in matcher.get_opcodes() if what != "equal"]
    return {line for i, j in parts for line in range(i + 1, max(j, i + 1) + 1)}


def difference(path: Path, source: str) -> str:
    before = path.read_text(encoding="utf-8").splitlines()
    lines = difflib.unified_diff(before, source.splitlines(), lineterm="", n=0)
    said = [line for line in lines if not line.startswith(("---", "+++"))]
    return f"{path.relative_to(ROOT)} {' | '.join(map(str.strip, said))}"


def main() -> int:
    import pytest

    parser = argparse.ArgumentParser(prog="python -m attacks.mutants")
    parser.add_argument("paths", nargs="*", type=Path, help="modules, else all")
    parser.add_argument("--of", type=int, default=0, help="so many of each module")
    parser.add_argument("--table", type=Path, help="write the figures to this file")
    chosen = parser.parse_args()
    outcomes: list[Outcome] = []
    for room, names in TESTS.items():
        paths = [p.resolve() for p in chosen.paths] or modules()
        paths = [path for path in paths if path.parent.name == room]
        words = ["-o", "addopts=", "-p", "no:cacheprovider", "-q", "-x", "--no-header"]
        words += [str(ROOT / f"tests/test_{name}.py") for name in names]
        hunt = Hunt(paths, chosen.of)
        with Path(os.devnull).open("w") as nothing, contextlib.redirect_stdout(nothing):
            code = pytest.main(words, plugins=[hunt]) if paths else 0
        if code not in (0, 5):
            print(f"the tests of {room} fail without any change")
            return 2
        if paths:
            outcomes.append(Outcome(f"changes of {room}", hunt.tried, hunt.missed))
            print(outcomes[-1], flush=True)
    if chosen.table:
        write(chosen.table, [("mutants", outcome) for outcome in outcomes])
    return 1 if any(outcome.bad for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    sys.exit(main())
