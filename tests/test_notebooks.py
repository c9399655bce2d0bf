"""Notebooks: the form first, code folded, and what is real runs on the real clock."""

from __future__ import annotations

import ast
import json
import re
from datetime import timedelta
from pathlib import Path

import glossary
import pytest
import seen

from certlib import CertificateSpec, clock, creating, keys, stores
from certlib.clock import PRACTICE_TIME
from certlib.practice import tasks
from certlib.stores import PERSONAL
from certlib.widgets.designer import Designer
from certlib.widgets.forms import Panel

ROOT = Path(__file__).parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("[1-9]*.ipynb"))
MOST_CELLS = 40
DAY = timedelta(days=1)

each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def code_cells(path: Path) -> list[dict]:
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


def own(stem: str) -> object:
    """Return the first form of a notebook, made by its own first two cells."""
    imports, form = code_cells(ROOT / "notebooks" / f"{stem}.ipynb")[:2]
    namespace: dict[str, object] = {}
    exec("".join(imports["source"]), namespace)
    *before, last = ast.parse("".join(form["source"])).body
    exec(compile(ast.Module(before, []), stem, "exec"), namespace)
    return eval(compile(ast.Expression(last.value), stem, "eval"), namespace)


@each_lesson
def test_it_is_short(path: Path) -> None:
    assert len(cells(path)) <= MOST_CELLS


@each_lesson
def test_a_form_stands_first_and_says_how_to_run_it(path: Path) -> None:
    (output,) = code_cells(path)[1]["outputs"]
    picture = "".join(output["data"]["text/html"])
    assert "certlib-picture" in picture
    assert "Not running yet:" in picture
    assert "Practice" not in picture.partition("<b>Not running yet")[0]


@each_lesson
def test_code_is_folded_but_for_answers(path: Path) -> None:
    def folded(cell: dict) -> bool:
        hidden = cell["metadata"].get("jupyter", {}).get("source_hidden", False)
        return hidden and "hide-input" in cell["metadata"]["tags"]

    assert sum(not folded(cell) for cell in code_cells(path)) <= 1


@pytest.mark.parametrize("stem", tasks.STEMS)
def test_it_says_what_for_and_ends_with_five_questions(stem: str) -> None:
    (path,) = (ROOT / "notebooks").glob(f"[1-9]-{stem}.ipynb")
    head = "".join(cells(path)[0]["source"])
    for word in ("You learn", "You need", "You get", "It changes", "It takes"):
        assert f"| **{word}** |" in head
    *_, before, questions, last = cells(path)
    assert "## Five questions" == "".join(before["source"])
    assert f'Exercises("{stem}", recap=True)' == "".join(questions["source"])
    assert "".join(last["source"]).startswith("**Next")


@pytest.mark.parametrize("name", glossary.WORDS)
@pytest.mark.parametrize("path", glossary.LESSONS, ids=lambda path: path.stem)
def test_a_word_is_linked_where_it_first_appears(path: Path, name: str) -> None:
    texts, target = list(glossary.texts(path)), f"(glossary.ipynb#{name})"
    before, link, after = "\n\n".join(texts).partition(target)
    assert target not in after
    before = before.rpartition("[")[0] if link else before
    assert glossary.first(before, glossary.WORDS[name]) is None


def test_each_linked_word_has_its_heading() -> None:
    headings = re.findall(
        r"^## (.*)$", "\n".join(glossary.texts(glossary.GLOSSARY)), re.MULTILINE
    )
    assert set() == set(glossary.WORDS) - {h.replace(" ", "-") for h in headings}


@each_lesson
def test_nothing_is_said_in_python(path: Path) -> None:
    texts = [
        "".join(output["data"]["text/plain"])
        for cell in code_cells(path)
        for output in cell["outputs"]
        if output["output_type"] == "execute_result"
        and "text/html" not in output["data"]
    ]
    assert [] == texts


@each_lesson
def test_no_page_deletes_a_folder(path: Path) -> None:
    sources = ["".join(cell["source"]) for cell in code_cells(path)]
    assert [] == [source for source in sources if "rmtree" in source]


def self_signed(name: str, *, age: timedelta = 0 * DAY, key: str = ""):
    return creating.create(
        CertificateSpec((name,), validity=90 * DAY),
        at=clock.now() - age,
        private_key=keys.practice_key(key) if key else None,
    )


MADE = {
    "now": (self_signed("a.example.com"), ()),
    "ended": (self_signed("a.example.com", age=91 * DAY), ("expired",)),
    "published": (self_signed("a.example.com", key="other"), ("key-is-published",)),
}
each_made = pytest.mark.parametrize(("bundle", "wrong"), MADE.values(), ids=MADE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "work" / "own"


@each_made
def test_the_form_of_inspecting_is_real(folder, bundle, wrong) -> None:
    folder.mkdir(parents=True)
    bundle.write(folder / "mine.pfx", passphrase="long enough")
    form = own("3-inspecting")
    assert "" == form.values["server_name"]
    offered = form.fields["path"].widget.options
    assert (str(Path("work/own/mine.pfx")),) == offered
    form.fill(path=offered[0], passphrase="long enough", server_name="a.example.com")
    form.submit()
    assert wrong == tuple(finding.rule for finding in form.findings)
    assert ("Not right" in form.picture()) is bool(wrong)


@each_made
def test_the_windows_of_integrating_are_real(folder, bundle, wrong) -> None:
    stores.practice_machine(folder / "stores").open(PERSONAL).add(bundle)
    form = own("5-integrating")
    form.submit()
    (designer,) = seen.every(form, Designer)
    designer.choose("HTTPS - Unrestricted")
    designer.click("Select X.509 certificate")
    designer.pick(bundle.thumbprint)
    assert ("has expired" in designer.picture()) is ("expired" in wrong)


@each_made
def test_the_board_is_real(folder, bundle, wrong) -> None:
    folder.mkdir(parents=True)
    bundle.write(folder / "mine.cer")
    board = own("6-auditing")
    assert "" == board.session.wish.server_name
    (found,) = board.audit(folder / "mine.cer", environment="test")
    rules = {finding.rule for finding in found.findings}
    assert set(wrong) == rules & {"expired", "key-is-published", "not-yet-valid"}


def test_what_is_made_and_requested_begins_now(folder) -> None:
    form = own("1-creating")
    form.fill(server_names="a.example.com", passphrase="long enough")
    assert timedelta(hours=1) > abs(
        clock.now() - form.submit().leaf.not_valid_before_utc
    )
    desk = own("2-requesting")
    desk.request.fill(server_names="b.example.com", passphrase="long enough")
    request = desk.request.submit()
    answer = desk.let_the_practice_ca_answer(request)
    assert str(answer) == desk.answer.values["answer"]
    desk.answer.fill(key_passphrase="long enough", pfx_passphrase="long enough")
    bundle = desk.answer.submit()
    assert timedelta(hours=1) > abs(clock.now() - bundle.leaf.not_valid_before_utc)
    offered = own("4-importing").fields["file"].widget.options
    names = {"server.pfx", "b.example.com.pfx"}
    assert names == {Path(path).name for path in offered}


def test_practice_says_so(tmp_path) -> None:
    panel = Panel("Create", [], practice=PRACTICE_TIME)
    assert "Practice, 2 Nov 2026" in panel.children[0].value
    assert "Practice, 2 Nov 2026" in panel.picture()
    assert "Practice" not in Panel("Create", []).children[0].value
