"""The house rules, read from syntax trees and from the files of the repository. A rule that nobody checks is a wish.

Directions of import are import-linter's, style is ruff's, dead code is vulture's; here stands what they cannot say.
"""

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "src" / "comity"
THIS = Path(__file__)

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
README_LINES_MAX = 150
LONGER_FILES = {"src/comity/registry/migrations/0001_initial.py": "written by Django"}  # path -> why it may be longer
BOUNDARIES: dict[str, str] = {}  # path -> why this process boundary may catch everything, once

PURE = ("errors", "canon", "ledger", "authorities", "law", "cases", "authorisations", "evidence", "letters", "exchange")
IMPURE = re.compile(r"(os|pathlib|random|secrets|shutil|tempfile|threading|time|urllib\.request)(\.|$)")
EMPTY_NOUNS = ("Manager", "Helper", "Service", "Processor", "Handler", "Utils", "Data", "Info")
EMPTY_MODULES = {"base", "common", "helpers", "misc", "utils"}
ROOT_FILES = {
    ".gitignore",
    ".npmrc",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "package-lock.json",
    "package.json",
    "pyproject.toml",
}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|mock\.patch|NotImplementedError")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|root|work|Users|mnt)/\w")
PACKAGE_HOSTS = re.compile(r"pypi\.org|python[h]osted|npm[j]s\.(?:org|com)|[-]-extra-index-url|proxy\.golang")
LOCKED_LINE = re.compile(r"#.*|[a-z0-9.-]+(\[[a-z,]+\])?==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def repository_files() -> list[Path]:
    """What is tracked, and what would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file()]


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


FILES = repository_files()
TREES = {
    path: ast.parse(path.read_text(encoding="utf-8"), filename=str(path)) for path in FILES if path.suffix == ".py"
}
SOURCE = {path: tree for path, tree in TREES.items() if path.is_relative_to(HOUSE) and "migrations" not in path.parts}
TESTS = {path: tree for path, tree in TREES.items() if path.is_relative_to(ROOT / "tests")}
PACKAGES = {part.stem for path in SOURCE if len(parts := path.relative_to(HOUSE).parts) for part in [Path(parts[0])]}


def within(package: str) -> dict[Path, ast.Module]:
    """The trees of one package (or module) of the house, by its path below `comity`."""
    inside = HOUSE / package
    return {p: tree for p, tree in SOURCE.items() if p.is_relative_to(inside) or p == inside.with_suffix(".py")}


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def public_functions(package: str) -> dict[str, Function]:
    """The public functions that stand at the top of a package's modules, by name with file."""
    return {
        f"{short(path)}: {node.name}": node
        for path, tree in within(package).items()
        for node in tree.body
        if isinstance(node, Function) and not node.name.startswith("_")
    }


def last_name(node: ast.expr) -> str:
    """`act` for `act`, `comity.registry.act.act` and `act(...)`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function):
            return last_name(function)
        case _:
            return ""


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def refusals() -> list[tuple[Path, ast.ClassDef]]:
    """Every subclass of ComityError, at any depth."""
    classes = [
        (path, node) for path, tree in SOURCE.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    ]
    names = {"ComityError"}
    while more := {n.name for _, n in classes if names & {last_name(base) for base in n.bases}} - names:
        names |= more
    return [(path, node) for path, node in classes if node.name in names - {"ComityError"}]


def stated(node: ast.ClassDef, name: str) -> str:
    """The text that a class assigns to `name`, bare or marked with N_; empty if it does not."""
    for line in node.body:
        if isinstance(line, ast.Assign) and [last_name(target) for target in line.targets] == [name]:
            value = line.value.args[0] if isinstance(line.value, ast.Call) else line.value
            return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
    return ""


ACTS = public_functions("registry/actions")
QUERIES = public_functions("registry/queries")
REFUSALS = {f"{short(path)}: {node.name}": (path, node) for path, node in refusals()}


def test_the_checks_see_the_house():
    assert set(PURE) <= PACKAGES
    assert {"registry", "web", "cli", "node"} <= PACKAGES
    assert all(within(package) for package in PURE)
    assert len(TESTS) > 10
    assert len(ACTS) > 10
    assert len(QUERIES) > 5
    assert len(REFUSALS) > 30


def test_files_are_short_and_every_exemption_is_needed():
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in TREES}
    assert {name for name, length in lengths.items() if length > FILE_LINES_MAX} == LONGER_FILES.keys()


def test_functions_are_short():
    long = [
        f"{short(path)}: {node.name}"
        for path, tree in TREES.items()
        for node in functions(tree)
        if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert long == []


def test_no_class_or_module_has_an_empty_name():
    classes = [
        f"{short(path)}: {node.name}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith(EMPTY_NOUNS)
    ]
    assert classes == []
    assert [short(path) for path in TREES if {*path.with_suffix("").parts[len(ROOT.parts) :]} & EMPTY_MODULES] == []


def test_every_public_function_of_the_actions_is_an_act_with_actor_and_moment():
    for name, node in ACTS.items():
        assert "act" in {last_name(decorator) for decorator in node.decorator_list}, name
        assert {"actor", "at"} <= {argument.arg for argument in node.args.kwonlyargs}, name


def test_every_query_has_a_viewer_and_returns_no_query_set():
    for name, node in QUERIES.items():
        assert "viewer" in {argument.arg for argument in node.args.kwonlyargs}, name
        assert node.returns is not None, name
        assert "QuerySet" not in ast.unparse(node.returns), name


def test_no_moment_and_no_day_has_a_default():
    for path, tree in SOURCE.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.arguments):
                positional = [*node.posonlyargs, *node.args]
                with_default = positional[len(positional) - len(node.defaults) :]
                with_default += [a for a, given in zip(node.kwonlyargs, node.kw_defaults, strict=True) if given]
                assert not {"at", "on"} & {argument.arg for argument in with_default}, f"{short(path)}:{node}"
            if isinstance(node, ast.AnnAssign) and last_name(node.target) in {"at", "on"}:
                assert node.value is None, f"{short(path)}:{node.lineno}"


def test_nothing_swallows_everything_outside_a_written_process_boundary():
    broad = Counter(
        short(path)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or re.search(r"\b(Base)?Exception\b", ast.unparse(node.type)))
        and ast.unparse(node.body[-1]) != "raise"  # cleans up and lets it rise
    )
    assert broad == dict.fromkeys(BOUNDARIES, 1)


def test_nothing_is_unfinished_mocked_or_skipped():
    for path, tree in TREES.items():
        if path == THIS:
            continue
        assert not UNFINISHED.search(path.read_text(encoding="utf-8")), short(path)
        assert not [name for name in imported(tree) if name.startswith("unittest")], short(path)
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & {"skip", "skipif", "xfail", "importorskip"}, short(path)


def test_no_function_is_a_stub():
    for path, tree in SOURCE.items():
        for node in functions(tree):
            assert not isinstance(node.body[-1], ast.Pass), f"{short(path)}: {node.name}"


def test_only_act_opens_transactions():
    users = {short(path) for path, tree in SOURCE.items() if "transaction.atomic" in ast.unparse(tree)}
    importers = {short(path) for path, tree in SOURCE.items() if "django.db.transaction.atomic" in imported(tree)}
    assert users | importers == {"src/comity/registry/act.py"}


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_reads_no_clock_no_chance_and_no_file(package: str):
    for path, tree in within(package).items():
        assert not [name for name in imported(tree) if IMPURE.match(name)], short(path)
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert "open" not in calls, short(path)


def test_every_refusal_has_a_name_a_code_and_a_sentence_of_its_own():
    names = Counter(node.name for _, node in REFUSALS.values())
    codes = Counter(stated(node, "code") for _, node in REFUSALS.values())
    assert [word for word, count in (names + codes).items() if count > 1] == []
    for name, (path, node) in REFUSALS.items():
        places = {*path.relative_to(HOUSE).with_suffix("").parts}
        if "cli" in places:
            places |= {noun.stem for noun in within("cli")}
        subject, _, what = stated(node, "code").partition(".")
        assert subject in places, name
        assert re.fullmatch(r"[a-z0-9_]+", what), name
        assert stated(node, "sentence"), name
        assert not stated(node, "sentence").endswith("."), f"{name}: a hint follows the sentence"


def test_every_refusal_is_raised_with_the_facts_that_its_sentence_needs():
    sentences = {node.name: stated(node, "sentence") + stated(node, "hint") for _, node in REFUSALS.values()}
    checked = 0
    for path, tree in SOURCE.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and last_name(node.func) in sentences:
                given = {keyword.arg for keyword in node.keywords}
                wanted = {field for _, field, _, _ in Formatter().parse(sentences[last_name(node.func)]) if field}
                assert None in given or wanted <= given, f"{short(path)}:{node.lineno} lacks {wanted - given}"
                checked += 1
    assert checked > len(REFUSALS)


def test_tests_are_plain_functions():
    classes = [node.name for tree in TESTS.values() for node in tree.body if isinstance(node, ast.ClassDef)]
    assert [name for name in classes if name.startswith("Test")] == []


def test_the_root_holds_only_what_somebody_reads():
    assert {path.name for path in FILES if path.parent == ROOT} == ROOT_FILES


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES_MAX


def test_the_map_names_every_package():
    drawn = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert [package for package in sorted(PACKAGES - {"__init__"}) if not re.search(rf"\b{package}\b", drawn)] == []


def test_every_dependency_has_its_reason():
    reasons = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([^`]+)` \|", reasons, re.MULTILINE))
    asked = {
        match[0]
        for path in sorted((ROOT / "requirements").glob("*.in"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if (match := re.match(r"[a-z][a-z0-9-]*", line, re.IGNORECASE))
    }
    assert asked == explained


def test_locks_hold_hashes_and_no_addresses():
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert locks
    for lock in locks:
        for line in lock.read_text(encoding="utf-8").splitlines():
            assert LOCKED_LINE.fullmatch(line), f"{short(lock)}: {line}"


def test_no_file_names_a_machine_or_a_package_host():
    for path in FILES:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture or another binary file
            continue
        assert not MACHINE_PATHS.search(text), f"{short(path)}: {MACHINE_PATHS.search(text)}"
        assert not PACKAGE_HOSTS.search(text), f"{short(path)}: {PACKAGE_HOSTS.search(text)}"


def test_the_glossary_gives_each_word_once_in_order():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\*\*([^*]+)\*\*", glossary, re.MULTILINE)
    assert len(words) > 40
    assert words == sorted(set(words), key=str.casefold)
