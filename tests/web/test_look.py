"""What every page looks like: contrasts are computed, templates hold nothing that the browser would refuse."""

import json
import re
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

import django_htmx
import pytest
from django import forms
from django.template import engines

ROOT = Path(__file__).parents[2]
WEB = ROOT / "src" / "comity" / "web"
STATIC = WEB / "shell" / "static"
OWN = STATIC / "comity"
VENDOR = STATIC / "vendor" / "kern"

TEMPLATES = sorted(WEB.glob("*/templates/**/*.html"))
ROOM = WEB / "law" / "static"
SHEETS = {
    path.stem: re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    for path in (*OWN.glob("*.css"), *ROOM.glob("law/*.css"))
}

TEXT = 4.5  # WCAG 2.2, 1.4.3
SIGN = 3.0  # WCAG 2.2, 1.4.11: borders of fields, focus, marks
PAGES = ("paper", "surface", "sunk", "accent-wash")
CONTRASTS = [
    *((word, page, TEXT) for word in ("ink", "ink-muted", "accent", "visited") for page in PAGES),
    *((word, page, TEXT) for word in ("good", "warn", "bad", "info") for page in ("paper", "surface", "sunk")),
    *((word, f"{word}-wash", TEXT) for word in ("good", "warn", "bad", "info")),
    *(("ink", f"{tone}-wash", TEXT) for tone in ("good", "warn", "bad", "info")),
    *(("accent", f"{tone}-wash", TEXT) for tone in ("good", "warn", "bad", "info")),
    *(("ink-muted", f"{tone}-wash", TEXT) for tone in ("bad",)),
    ("warn", "accent-wash", TEXT),  # a row of waiting things under the pointer
    ("bad", "accent-wash", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    ("surface", "bad", TEXT),
    ("on-band", "band", TEXT),
    ("on-band", "band-line", TEXT),
    ("band-muted", "band", TEXT),
    ("band", "band-focus", TEXT),
    ("band-focus", "band", SIGN),
    *(("focus", page, SIGN) for page in PAGES),
    *(("line-strong", page, SIGN) for page in ("paper", "surface", "sunk")),
]


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


def block(sheet: str, selector: str) -> dict[str, str]:
    """The colours that the first rule with this selector sets."""
    start = sheet.index(f"{selector} {{")
    return tokens(sheet[start : sheet.index("}", start)])


LIGHT = block(SHEETS["tokens"], ":root")
DARK = LIGHT | block(SHEETS["tokens"], ':root[data-kern-theme="dark"]')
PAPER = LIGHT | block(SHEETS["print"], ":root")
THEMES = {"light": LIGHT, "dark": DARK}


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_and_every_sign_stands_out_from_its_ground(theme: str):
    colours = THEMES[theme]
    weak = {
        f"{word} on {ground}: {found:.2f} < {least}"
        for word, ground, least in CONTRASTS
        if (found := contrast(colours[word], colours[ground])) < least
    }
    assert weak == set()


def test_the_measure_of_contrast_is_the_one_of_the_guideline():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_dark_that_a_system_asks_for_is_the_dark_that_a_reader_chooses():
    asked = block(SHEETS["tokens"], ':root:not([data-kern-theme="light"])')
    assert asked == block(SHEETS["tokens"], ':root[data-kern-theme="dark"]')
    assert asked.keys() == LIGHT.keys()


def test_paper_is_black_on_white():
    grounds = ("paper", "surface", "sunk", "accent-wash", "good-wash", "warn-wash", "bad-wash", "info-wash", "band")
    assert {PAPER[name] for name in grounds} == {"#ffffff"}
    texts = ("ink", "accent", "good", "warn", "bad", "info", "on-band", "ink-muted", "band-muted")
    assert all(contrast(PAPER[name], "#ffffff") >= 7 for name in texts)


def test_every_colour_is_a_token_that_is_defined():
    used = set(chain.from_iterable(re.findall(r"var\(--([a-z-]+)", sheet) for sheet in SHEETS.values()))
    others = {"text", "mono", "shadow"}
    assert {name for name in used if not name.startswith("kern-")} <= LIGHT.keys() | others
    for name in SHEETS.keys() - {"tokens", "print"}:
        assert re.findall(r"#[0-9a-f]{3,8}\b(?=[;\s])", SHEETS[name]) == [], f"{name}.css names a colour"


def test_our_sheets_fetch_nothing_and_know_neither_left_nor_right():
    sided = re.compile(
        r"^\s*(?:(?:margin|padding|border)-)?(?:left|right|top|bottom)\s*:|(?:float|text-align):\s*(?:left|right)",
        re.MULTILINE,
    )
    for name, sheet in SHEETS.items():
        assert not re.search(r"url\(|@import|https?:", sheet), name
        assert sided.findall(sheet) == [], name


def test_what_npm_gave_fetches_only_what_lies_beside_it():
    assert VENDOR.is_dir(), "run `make setup`: the look is not built"
    for sheet in VENDOR.glob("*.css"):
        wanted = re.findall(r"""url\(\s*["']?([^"')]+)""", sheet.read_text("utf-8"))
        assert wanted, sheet.name
        assert all(url.startswith("data:image/svg+xml") or (VENDOR / url).is_file() for url in wanted), sheet.name
        assert "@import" not in sheet.read_text("utf-8")


def test_the_lock_has_hashes_and_no_addresses():
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))
    assert wanted["private"] is True
    assert lock["packages"][""]["dependencies"] == wanted["dependencies"]
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
    assert "://" not in json.dumps(lock)
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text("utf-8").splitlines()


class Page(HTMLParser):
    """What a browser would object to, or a reader would miss, in one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.objections: list[str] = []
        self.ids: list[str] = []
        self.wanted: set[str] = set()
        self.scripts_inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.objections += [f"<{tag} {name}>" for name in given if name == "style" or re.match(r"on\w|hx-on", name)]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.objections.append(f"<{tag}> inside the page")
        self.objections += [
            f"{name}={given[name]}"
            for name in ("src", "href", "action", "hx-get", "hx-post")
            if re.match(r"\s*(?:https?:|//|javascript:|data:)", given.get(name, ""))
        ]
        self.ids += [given["id"]] if "id" in given else []
        self.wanted |= set(given.get("aria-describedby", "").split()) | set(given.get("aria-labelledby", "").split())
        self.wanted |= {given["for"]} if "for" in given else set()
        self.wanted |= {given["href"][1:]} if given.get("href", "").startswith("#") else set()
        if tag == "img" and "alt" not in given:
            self.objections.append("<img> without alt")


def markup(template: Path) -> str:
    """A template without what Django replaces."""
    text = template.read_text("utf-8")
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", text, flags=re.DOTALL)
    return re.sub(r"{%.*?%}|{{.*?}}", "", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_no_template_holds_what_the_browser_refuses(template: Path):
    assert Page(markup(template)).objections == []


def test_the_reader_of_templates_sees_what_is_forbidden():
    text = (
        '<p style="x">a</p><a onclick="x" href="https://a.example">b</a><script>x</script><style>y</style><img src="a">'
    )
    assert len(Page(text).objections) == 6


def test_every_static_file_that_a_template_names_is_there():
    served = [STATIC, ROOM, Path(django_htmx.__file__).parent / "static"]
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r"""{% static ["']([^"']+)["'] %}""", template.read_text("utf-8"))
    }
    assert named
    assert {name for name in named if not any((folder / name).is_file() for folder in served)} == set()


class Everything(forms.Form):
    """One field of each layout."""

    word = forms.CharField(label="A word", help_text="Any word.")
    text = forms.CharField(label="A text", widget=forms.Textarea, required=False)
    one = forms.ChoiceField(label="One of", choices=[("a", "A"), ("b", "B")])
    radio = forms.ChoiceField(label="One", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, help_text="One.")
    several = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField()
    sure = forms.BooleanField(label="I have read it", help_text="All of it.")
    hidden = forms.CharField(widget=forms.HiddenInput, initial="x")


@pytest.mark.parametrize("sent", [None, {}], ids=["empty", "with errors"])
def test_every_label_hint_and_error_of_a_form_points_to_its_field(sent: dict[str, str] | None):
    written = engines["django"].get_template("shell/fields.html").render({"form": Everything(sent)})
    page = Page(written)
    assert page.objections == []
    assert sorted(page.ids) == sorted(set(page.ids))
    assert page.wanted <= set(page.ids)
    assert {"id_word_helptext", "id_radio_helptext", "id_sure_helptext"} <= page.wanted
    missed = {"id_word", "id_one", "id_radio", "id_several", "id_day", "id_file", "id_sure"}
    assert {f"{name}_error" for name in missed} & page.wanted == (
        set() if sent is None else {f"{name}_error" for name in missed}
    )
    if sent is not None:
        assert missed <= set(re.findall(r'<li><a href="#(\w+)"', written)), "the summary leads to each field"


def test_the_page_for_our_own_mistakes_needs_nothing():
    page = Page(engines["django"].get_template("shell/500.html").render())
    assert page.objections == []
    assert "main" in page.ids
