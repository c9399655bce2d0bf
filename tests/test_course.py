"""The tasks: each right answer passes, each wrong one is told what is wrong."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import openpyxl
import pytest
import seen
from click.testing import CliRunner
from ipywidgets import Dropdown

from certlib.cli import commands
from certlib.errors import EncodingError, InputError
from certlib.practice import course, exercises, faults, progress, recaps, tasks
from certlib.practice.attempts import Attempt
from certlib.practice.exercises import TASKS, Exercise, Fill, Tick, Write
from certlib.practice.faults import FAULTS, REPAIRS
from certlib.practice.material import Material
from certlib.practice.progress import Learner, Progress
from certlib.stores import PERSONAL
from certlib.trust import chains
from certlib.widgets.exercises import Exercises, ProgressMap
from certlib.widgets.store import StoreBrowser
from certlib.widgets.viewer import CertificateViewer

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"

each_task = pytest.mark.parametrize("name", TASKS)


@cache
def made(name: str, seed: object = 0) -> Exercise:
    folder = Path(tempfile.mkdtemp(prefix="certlib-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return TASKS[name].make(Material(f"{seed}/{name}", folder))


def seeds(name: str) -> range:
    """A broken service costs a second, the others nearly nothing."""
    return range(1 if TASKS[name].step == "diagnosing" else 3)


@each_task
def test_right_passes_and_every_wrong_one_is_told_why(name: str) -> None:
    for seed in seeds(name):
        exercise = made(name, seed)
        assert "" == exercise.feedback(exercise.right)
        assert len(exercise.wrong) >= 3
        told = [exercise.feedback(wrong) for wrong in exercise.wrong]
        assert min(map(len, told)) > 10, "a wrong answer passes"
        assert len(set(told)) > 1, "every wrong answer gets the same words"


@each_task
def test_guessing_does_not_pass(name: str) -> None:
    assert made(name).ask.by_guessing() < 0.1


@each_task
def test_material_is_the_learners_own(name: str) -> None:
    shown = [
        f"{exercise.question} {exercise.given} {exercise.ask} {exercise.right}"
        for exercise in (made(name), made(name, "other"))
    ]
    assert shown[0] != shown[1]


@pytest.mark.parametrize(
    "name", [name for name, task in TASKS.items() if task.step != "diagnosing"]
)
def test_the_same_learner_gets_the_same(name: str, tmp_path: Path) -> None:
    again = TASKS[name].make(Material(f"0/{name}", tmp_path))
    assert again.given == made(name).given


@each_task
def test_the_answer_is_given_in_the_form_that_is_asked(name: str) -> None:
    exercise = made(name)
    for answer in (exercise.right, *exercise.wrong):
        match exercise.ask:
            case Tick(options):
                assert answer <= set(options)
            case Write():
                assert isinstance(answer, str)
            case Fill(fields):
                assert answer.keys() == fields.keys()
                for label, choices in fields.items():
                    assert not choices or answer[label] in choices


@each_task
def test_hints_do_not_give_the_answer_away_at_once(name: str) -> None:
    exercise = made(name)
    assert len(exercise.hints) >= 2
    assert exercise.solution
    if isinstance(exercise.ask, Write):
        assert exercise.right not in exercise.hints[0]


@pytest.mark.parametrize("step", [module.__name__ for module in tasks.STEPS])
def test_every_step_has_five_tasks(step: str) -> None:
    assert len(exercises.of_step(step.rpartition(".")[2])) >= 5


def test_there_are_forty_tasks_besides_the_faults_and_the_questions() -> None:
    lessons = [one for one in TASKS.values() if not one.level]
    assert 40 == len([one for one in lessons if one.name != recaps.name(one.step)])
    for step in tasks.STEMS:
        assert len([one for one in lessons if one.step == step]) >= 6


def test_each_recap_has_five_questions() -> None:
    assert tuple(recaps.all_tasks()) == tuple(map(recaps.name, tasks.STEMS))
    for name in recaps.all_tasks():
        exercise = made(name)
        assert 5 == len(exercise.right)
        assert {3} == {len(choices) for choices in exercise.ask.fields.values()}


def test_no_answer_is_no_right_answer() -> None:
    exercise = made("names-for-two-clients")
    assert "There is no answer yet." == exercise.feedback("  ")


def test_an_unknown_task_is_named() -> None:
    with pytest.raises(InputError, match="there is no task 'nothing'"):
        exercises.find("nothing")


def attempt(tmp_path: Path, name: str = "names-for-two-clients") -> Attempt:
    return Attempt(TASKS[name], Learner(tmp_path / "progress.json"))


def test_solving_a_task_is_remembered(tmp_path: Path) -> None:
    one = attempt(tmp_path)
    assert one.check("wrong.example.com") != ""
    assert not one.learner.progress().solved(one.task.name)
    assert "" == one.check(one.exercise.right)
    again = attempt(tmp_path)
    assert 2 == again.record.tries
    assert again.learner.progress().solved(one.task.name)
    assert again.exercise.question == one.exercise.question


def test_the_solution_comes_after_a_try_and_then_does_not_count(
    tmp_path: Path,
) -> None:
    one = attempt(tmp_path)
    assert "Try it once; then the solution is shown." == one.solution()
    one.check("wrong.example.com")
    assert one.solution() == one.exercise.solution
    question = one.exercise.question
    assert "" == one.check(one.exercise.right)
    assert one.record.solved is None
    one.another()
    assert one.exercise.question != question
    assert "" == one.check(one.exercise.right)
    assert one.record.solved is not None


def test_hints_come_one_after_the_other(tmp_path: Path) -> None:
    one = attempt(tmp_path)
    taken = [one.hint() for _ in range(4)]
    first, *_, last = one.exercise.hints
    assert taken[0] == first
    assert taken[-2:] == [last, last]
    assert one.record.hints == len(one.exercise.hints)


def test_reset_forgets_everything(tmp_path: Path) -> None:
    one = attempt(tmp_path)
    one.check(one.exercise.right)
    seed = one.learner.progress().seed
    one.learner.reset()
    assert {} == one.learner.progress().records
    assert attempt(tmp_path).learner.progress().seed != seed


def test_many_notebooks_at_once_lose_nothing(tmp_path: Path) -> None:
    learner = Learner(tmp_path / "progress.json")
    names = list(TASKS)[:12]

    def solve(name: str) -> None:
        learner.note(TASKS[name], solved=datetime(2026, 11, 2, tzinfo=UTC))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(solve, names))
    assert sorted(learner.progress().records) == sorted(names)


HUGE = json.dumps(
    {"format": 1, "learner": "", "seed": "", "tasks": {"a": {"round": float("inf"),
     "solved": None, "tries": 0, "hints": 0, "shown": False}}}
)  # fmt: skip
ODD_NAMES = [
    json.dumps({"format": 1, "learner": name, "seed": "", "tasks": {}})
    for name in ("a" * 65, "\x1b[2J", "\u202e", "a\nb")
]


@pytest.mark.parametrize(
    "text",
    [
        *(" ", "[]", "{", '{"format": 2}', json.dumps({"format": 1, "tasks": []})),
        *(HUGE, *ODD_NAMES),
    ],
)
def test_a_damaged_file_is_named_and_kept(text: str, tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text(text)
    with pytest.raises(EncodingError, match="damaged"):
        Learner(path).note(TASKS["names-for-two-clients"], tries=1)
    assert path.read_text() == text


def test_the_file_is_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(progress.VARIABLE, str(tmp_path / "mine.json"))
    assert Learner.here().path == tmp_path / "mine.json"


each_fault = pytest.mark.parametrize("name", FAULTS)


@pytest.mark.parametrize("name", REPAIRS)
def test_every_repair_repairs_something(name: str) -> None:
    assert name in {fault.repair for fault in FAULTS.values()}


@each_fault
def test_a_broken_service_is_refused_and_a_repaired_one_accepted(
    name: str, tmp_path: Path
) -> None:
    service = faults.broken(name, "test", tmp_path)
    try:
        assert not service.look().good
        REPAIRS[FAULTS[name].repair].do(service)
        seen = service.look()
        assert "" == seen.complaint
        assert seen.good
    finally:
        service.stop()


def test_what_is_done_in_the_stores_counts_as_a_repair(tmp_path: Path) -> None:
    material = Material("test", tmp_path)
    exercise = TASKS["key-not-readable"].make(material)
    (by_hand,) = [text for text in exercise.ask.fields["Repair"] if "myself" in text]
    answer = exercise.right | {"Repair": by_hand}
    assert "still" in exercise.feedback(answer)
    assert exercise.bench is not None
    store = exercise.bench.machine.open(PERSONAL)
    for entry in store:
        store.grant_read(entry.thumbprint, dict(exercise.given)["It runs as"])
    assert "" == exercise.feedback(answer)


def test_there_are_thirty_faults_each_with_a_report_of_its_own() -> None:
    assert len(FAULTS) >= 30
    assert len({fault.report for fault in FAULTS.values()}) == len(FAULTS)
    assert len({fault.cause for fault in FAULTS.values()}) == len(FAULTS)


@pytest.mark.parametrize("step", tasks.STEMS)
def test_the_widget_does_what_a_learner_does(step: str, tmp_path: Path) -> None:
    learner = Learner(tmp_path / "progress.json")
    shown = Exercises(step, learner)
    exercise = shown.attempt.exercise
    shown.answer(exercise.wrong[0])
    assert not shown.check()
    assert shown.told == exercise.feedback(exercise.wrong[0])
    shown.hint()
    assert shown.told == exercise.hints[0]
    shown.answer(exercise.right)
    assert shown.check()
    assert "Right." == shown.told
    solved = [name for name in TASKS if learner.progress().solved(name)]
    assert solved == [shown.attempt.task.name]
    assert Exercises(step, learner).attempt.task.name not in solved


def test_a_fault_is_looked_at_with_the_tools_of_the_suite(tmp_path: Path) -> None:
    shown = Exercises("diagnosing", Learner(tmp_path / "progress.json"))
    shown.take("expired")
    assert "NET::ERR_CERT_DATE_INVALID" in seen.html(shown)
    assert [] == seen.every(shown, StoreBrowser)
    seen.button(shown, "Look closer").click()
    assert [1, 1] == [
        len(seen.every(shown, kind)) for kind in (StoreBrowser, CertificateViewer)
    ]


def test_next_goes_on_to_what_is_not_solved(tmp_path: Path) -> None:
    learner = Learner(tmp_path / "progress.json")
    shown = Exercises("creating", learner)
    first, second, third, *_ = (one.name for one in exercises.of_step("creating"))
    assert first == shown.attempt.task.name
    learner.note(TASKS[second], solved=datetime(2026, 11, 2, tzinfo=UTC))
    shown.go_on()
    assert third == shown.attempt.task.name
    for one in exercises.of_step("creating"):
        if one.name != first:
            learner.note(one, solved=datetime(2026, 11, 2, tzinfo=UTC))
    shown.go_on()
    assert first == shown.attempt.task.name
    shown.go_on()
    assert "This is the only one that is left." == shown.told
    shown.answer(shown.attempt.exercise.right)
    shown.check()
    shown.go_on()
    assert "All of these are solved." == shown.told


def test_a_level_offers_its_faults_only(tmp_path: Path) -> None:
    shown = Exercises("diagnosing", Learner(tmp_path / "progress.json"))
    (level,) = [w for w in seen.every(shown, Dropdown) if w.description == "Level"]
    level.value = 3
    (choice,) = [w for w in seen.every(shown, Dropdown) if w.description == "Task"]
    assert {name for _, name in choice.options} == {
        name for name, fault in FAULTS.items() if fault.level == 3
    }
    assert 3 == shown.attempt.task.level


@pytest.mark.parametrize("step", tasks.STEMS)
def test_a_notebook_says_its_time_as_the_map_does(step: str) -> None:
    (path,) = NOTEBOOKS.glob(f"[1-9]-{step}.ipynb")
    minutes = course.minutes_left(Progress(), step)
    assert f"| **It takes** | {minutes} minutes" in path.read_text(encoding="utf-8")
    start = (NOTEBOOKS / "0-start-here.ipynb").read_text(encoding="utf-8")
    (row,) = [one for one in start.splitlines() if f"]({path.name})" in one][:1]
    assert f"| {minutes} |" in row


def test_what_is_solved_takes_no_time_any_more(tmp_path: Path) -> None:
    learner = Learner(tmp_path / "progress.json")
    everything_solved(learner)
    known = learner.progress()
    assert [0] * 7 == [course.minutes_left(known, step) for step in tasks.STEMS]


def test_the_map_shows_what_is_solved(tmp_path: Path) -> None:
    learner = Learner(tmp_path / "progress.json")
    one = Attempt(TASKS["names-for-two-clients"], learner)
    shown = ProgressMap(learner)
    solved = f"1 of {len(exercises.of_step('creating'))} solved"
    assert solved not in str(shown.children)
    one.check(one.exercise.right)
    shown.refresh()
    assert solved in shown.children[1].value


def test_a_stored_picture_does_not_depend_on_the_learner(tmp_path: Path) -> None:
    twins = {Exercises("creating", Learner(tmp_path / n)).picture() for n in "ab"}
    assert 1 == len(twins)


def everything_solved(learner: Learner) -> None:
    for task in TASKS.values():
        learner.note(task, tries=2, solved=datetime(2026, 11, 2, tzinfo=UTC))


def test_the_certificate_comes_when_all_is_solved(tmp_path: Path) -> None:
    learner = Learner(tmp_path / "progress.json")
    at = datetime(2026, 11, 3, tzinfo=UTC)
    with pytest.raises(InputError, match="still to be solved"):
        course.certify(learner.progress(), at=at)
    everything_solved(learner)
    with pytest.raises(InputError, match="whose it is"):
        course.certify(learner.progress(), at=at)
    learner.rename("  Ada   Lovelace ")
    known = learner.progress()
    bundle = course.certify(known, at=at)
    assert "CN=Ada Lovelace" == bundle.subject
    assert chains.issued(bundle.chain[0], bundle.leaf)
    assert bundle.thumbprint in course.page(known, bundle)


def test_ten_faults_are_enough(tmp_path: Path) -> None:
    learner = Learner(tmp_path / "progress.json")
    everything_solved(learner)
    records = learner.progress().records
    for name in list(FAULTS)[9:]:
        del records[name]
    assert ["diagnosing: 1 more faults"] == course.left(
        progress.Progress(records=records)
    )


def test_a_class_is_one_table(tmp_path: Path) -> None:
    first, second = Learner(tmp_path / "a.json"), Learner(tmp_path / "b.json")
    first.rename("=1+1")
    everything_solved(first)
    second.note(TASKS["names-for-two-clients"], tries=1)
    (tmp_path / "c.json").write_text("{}")
    out = tmp_path / "class.xlsx"
    arguments = ["course", "--class", str(tmp_path), "--out", str(out)]
    result = CliRunner().invoke(commands, arguments)
    assert 0 == result.exit_code
    assert "Left out" in result.stderr
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[0] == list(course.COLUMNS)
    of = str(len(exercises.of_step("creating")))
    assert ["=1+1", "creating", of, of] == lines[1][:4]
    assert "s" == sheet["A2"].data_type
    assert lines[1 + len(tasks.STEMS)][:5] == ["b", "creating", "0", of, "1"]


def test_a_class_is_a_json_file_too(tmp_path: Path) -> None:
    Learner(tmp_path / "a.json").rename("Ada")
    out = tmp_path / "out" / "class.json"
    out.parent.mkdir()
    arguments = ["course", "--class", str(tmp_path), "--out", str(out)]
    assert 0 == CliRunner().invoke(commands, arguments).exit_code
    rows = json.loads(out.read_text(encoding="utf-8"))
    assert [("Ada", step) for step in tasks.STEMS] == [
        (row["learner"], row["notebook"]) for row in rows
    ]


def test_the_command_shows_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(progress.VARIABLE, str(tmp_path / "mine.json"))
    shown = CliRunner().invoke(commands, ["course"])
    assert 0 == shown.exit_code
    assert "creating: One certificate for two names" in shown.stderr
    everything_solved(Learner.here())
    target = tmp_path / "ada.html"
    arguments = ["course", "--name", "Ada", "--certificate", str(target)]
    assert 0 == CliRunner().invoke(commands, arguments).exit_code
    assert "Ada" in target.read_text()
    assert 0 == CliRunner().invoke(commands, ["course", "--reset"]).exit_code
    assert {} == Learner.here().progress().records
