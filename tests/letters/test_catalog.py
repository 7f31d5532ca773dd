"""A house with a broken letter does not start, and the words people write are placeholders, not programs."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

import letters
from letters import catalog, words
from letters.catalog import LetterError
from letters.filters import us_date, usd

ON = date(2026, 3, 1)
EOB = letters.LETTERS["eob"]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy of the templates that may be broken."""
    shutil.copytree(catalog.ROOT / "templates", tmp_path / "templates")
    for shared in catalog.ROOT.glob("*.typ"):
        shutil.copy(shared, tmp_path)
    return tmp_path


def _changed(shelf: Path, name: str, old: str, new: str) -> str:
    """Why the catalog refuses the shelf after a change in one file."""
    place = shelf / "templates" / "eob" / name
    text = place.read_text(encoding="utf-8")
    assert old in text
    place.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(LetterError) as refused:
        catalog.load(shelf)
    return str(refused.value)


def test_every_letter_that_is_shipped_is_whole() -> None:
    assert set(letters.LETTERS) == {one.parent.name for one in catalog.ROOT.glob("templates/*/letter.toml")}
    for letter in letters.LETTERS.values():
        assert set(letter.texts) == set(catalog.LANGUAGES)


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        ("text.en.md", "{{ payer }}", "{{ nobody }}", "there is no field nobody"),
        ("text.es.md", "{{ payer }}", "{{ patient }}", "other merge fields"),
        ("text.en.md", "| usd", "| us_date", "is written {{ charge | usd }}"),
        ("text.en.md", "| usd", "| upper", "there is no filter upper"),
        ("text.es.md", "- charge: Cargo", "", "no label charge"),
        ("text.es.md", "## origin", "## elsewhere", "no section origin"),
        ("letter.toml", 'payer = "text"', 'payer = "html"', "there is no kind html"),
        ("letter.toml", 'source = "text"', 'source = "text"\nextra = "text"', "nothing uses extra"),
        ("letter.typ", "facts.patient", "facts.patients", "there is no fact patients"),
        ("letter.typ", "row.words", "row.word", "no table has a column word"),
        ("sample.json", '"charge": "500.00"', '"charge": "500"', "is not an amount"),
        ("sample.json", '"payer": "EXAMPLE HEALTH PLAN",', "", "facts and declaration differ: payer"),
    ],
)
def test_a_broken_letter_stops_the_start_and_says_what_is_wrong(
    shelf: Path, name: str, old: str, new: str, why: str
) -> None:
    assert why in _changed(shelf, name, old, new)


@pytest.mark.parametrize("name", ["text.en.md", "text.es.md", "letter.typ", "sample.json"])
def test_a_letter_without_one_of_its_files_is_refused(shelf: Path, name: str) -> None:
    (shelf / "templates" / "eob" / name).unlink()
    with pytest.raises(LetterError, match="eob"):
        catalog.load(shelf)


PROGRAMS = (
    "{{ paid.__class__ }}", "{{ paid|attr('x') }}", "{% for x in y %}{% endfor %}", "{# hidden #}",
    "{{ 7 * 7 }}", "{{ config }}", "{{ paid | usd | usd }}", "{{ paid", "paid }}", "{{ lipsum() }}",
    "{{ self }}", "{{ ''.__class__ }}", "{{ paid | safe }}", "text\x00", "{%raw%}",
)  # fmt: skip


@pytest.mark.parametrize("payload", PROGRAMS)
def test_words_are_placeholders_and_not_programs(payload: str) -> None:
    assert words.problems(f"# Title\n\n## about\n{payload}", EOB.facts)


TYPST = (
    '#read("/etc/passwd")', '#import "@preview/cetz:0.3.0"', "#while true {}", "$ x^2 $", "*bold* _it_ `raw`",
    '#image("http://127.0.0.1:9/x.png")', "<label> @ref", "\\ #sys.inputs", "// gone", "[a](https://b)",
    "#include \"letter.typ\"", "</script><script>alert(1)</script>",
)  # fmt: skip


@pytest.mark.parametrize("payload", TYPST)
def test_a_fact_is_shown_as_it_is_and_never_run(payload: str) -> None:
    made = letters.render("eob", {**EOB.sample, "patient": payload}, on=ON)
    assert made.pdf.startswith(b"%PDF")
    assert payload in made.text
    assert "<script>" not in made.html
    assert b"root:" not in made.pdf


def test_words_that_look_like_typst_are_words(shelf: Path) -> None:
    place = shelf / "templates" / "eob" / "text.en.md"
    changed = place.read_text().replace("It shows one claim", '#read("/etc/passwd") #panic() $1$ shows')
    place.write_text(changed)
    text = catalog.load(shelf)["eob"].texts["en"]
    shown = catalog.shown(EOB, EOB.sample, "en")
    assert '#read("/etc/passwd")' in json.dumps(words.merged(text, shown, EOB.sample, "en")).replace(
        '\\"', '"'
    )


def test_values_cannot_become_markup() -> None:
    made = letters.render("eob", {**EOB.sample, "payer": "**A** <b>&amp;", "control": "{{ paid }}"}, on=ON)
    assert "**A** &lt;b&gt;&amp;amp;" in made.html
    assert "claim {{ paid }}" in made.text


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"payer": 1}, "payer is a text"),
        ({"paid": "1e9"}, "not an amount"),
        ({"paid": "١.00"}, "not an amount"),
        ({"issued": "soon"}, "issued"),
        ({"lines": [{"number": "1"}]}, "a row of lines"),
        ({"lines": "all"}, "lines is a list"),
        ({"more": "x"}, "more"),
    ],
)
def test_facts_are_exactly_what_the_letter_declared(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(LetterError, match=why):
        letters.render("eob", {**EOB.sample, **wrong}, on=ON)


def test_an_unknown_letter_or_language_is_refused() -> None:
    with pytest.raises(LetterError, match="no letter"):
        letters.render("ransom", {}, on=ON)
    with pytest.raises(LetterError, match="no words"):
        letters.render("eob", EOB.sample, on=ON, lang="fr")


def test_dollars_and_days_are_written_the_american_way() -> None:
    assert [usd(one) for one in ("0.00", "-0.00", "1234.5".ljust(7, "0"), "-1234567.89", "")] == [
        "$0.00", "$0.00", "$1,234.50", "-$1,234,567.89", ""]  # fmt: skip
    assert us_date("2026-03-01") == "March 1, 2026"
    assert us_date("2026-03-01", "es") == "1 de marzo de 2026"
    assert us_date("2026-03-01", short=True) == "03/01/2026"
    assert us_date("") == ""


STATEMENT = letters.LETTERS["statement"]
HOSTILE = (
    *PROGRAMS, *TYPST, "\u202eevil", "a\u2066b", "{{ guarantor }", "{{ unknown }}", "{{ amount_due }}",
    "{{ day | usd }}", "<img src=x onerror=alert(1)>", "http://127.0.0.1:9/x", "javascript:alert(1)",
    "\x1b[31m",
)  # fmt: skip


@pytest.mark.parametrize("payload", HOSTILE)
def test_words_somebody_edited_are_refused_or_stand_as_they_are(payload: str) -> None:
    text = STATEMENT.written["en"].replace("This is a friendly reminder.", f"Hello {payload} there.")
    if letters.problems("statement", "en", text):
        with pytest.raises(LetterError):
            letters.render("statement", STATEMENT.sample, on=ON, words=text)
        return
    facts = {**STATEMENT.sample, "message": "reminder"}
    made = letters.render("statement", facts, on=ON, words=text)
    assert f"Hello {payload.replace('**', '')} there." in made.text
    assert "<img" not in made.html and "<script" not in made.html
    assert b"root:" not in made.pdf


def test_edited_words_are_named_in_the_version_to_the_byte() -> None:
    text = STATEMENT.written["en"].replace("We can help.", "We gladly help.")
    made = letters.render("statement", STATEMENT.sample, on=ON, words=text)
    assert "We gladly help." in made.text
    assert made.version.startswith(f"{STATEMENT.version} words ")
    assert len(made.version) <= 80
    again = letters.render("statement", STATEMENT.sample, on=ON, words=text)
    assert again == made


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("## ways", "## other", "the section ways is missing"),
        ("- total: Total", "", "the label total is missing"),
        ("**{{ assistance_url }}**", "our site", "the field assistance_url may not be left out"),
        ("# Statement {{ number }}", "", "the first line is the title"),
    ],
)
def test_edited_words_say_all_that_the_letter_has_to_say(old: str, new: str, why: str) -> None:
    text = STATEMENT.written["en"].replace(old, new)
    assert any(why in one for one in letters.problems("statement", "en", text))
