"""The formula language: what it means, what it refuses, and that nothing else ever comes out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.protocols.formula import FormulaError, compile_formula

VALUES = {"avail": 60.0, "m1.current": 7000.0, "m3.current": 20000.0, "e3.current": 8000.0, "zero": 0.0}

MEANING = [
    # arithmetic
    ("55000 * AVAIL / 100", 33000.0),
    ("1 + 2 * 3", 7.0),
    ("(1 + 2) * 3", 9.0),
    ("10 - 4 - 3", 3.0),
    ("7 % 4", 3.0),
    ("-7 % 4", -3.0),
    ("10^2", 100.0),
    ("10 ** 2", 100.0),
    ("2 ^ 3 ^ 2", 512.0),
    ("-2 ^ 2", -4.0),
    ("2 ^ -1", 0.5),
    ("- -3", 3.0),
    ("+.5 + 1e1", 10.5),
    # bits
    ("6 & 3", 2.0),
    ("4 | 1", 5.0),
    ("(5 & 4) == 4", 1.0),
    # logic, both spellings
    ("1 && 0 || 1", 1.0),
    ("1 and 0 or 1", 1.0),
    ("1 || 0 && 0", 1.0),
    ("!1 == 0", 1.0),
    ("not 1 == 0", 1.0),
    ("(not 0) + 1", 2.0),
    ("TRUE AND NOT False", 1.0),
    ("3 >= 3", 1.0),
    ("3 != 3", 0.0),
    # choices, both ways
    ("M1.current >= 6500 ? M1.current : 0", 7000.0),
    ("M1.current if M1.current >= 6500 else 0", 7000.0),
    ("0 ? 1 : 0 ? 2 : 3", 3.0),
    ("1 if 0 else 2 if 0 else 3", 3.0),
    ("1 + 1 if 1 else 5", 2.0),
    # functions
    ("min(16000, 29000 - M3.current + E3.current)", 16000.0),
    ("MAX(1, 5, 3)", 5.0),
    ("abs(-2)", 2.0),
    ("round(2.5)", 3.0),
    ("round(-2.5)", -3.0),
    ("round(2.4)", 2.0),
    ("sqrt(9)", 3.0),
    ("clamp(9, 1, 5)", 5.0),
    ("clamp(-9, 1, 5)", 1.0),
    ("exists(AVAIL)", 1.0),
    ("exists(nobody)", 0.0),
    ("exists(nobody) ? nobody : 7", 7.0),
    # the side that is not chosen is not read
    ("1 || nobody", 1.0),
    ("0 && 1 / 0", 0.0),
]


@pytest.mark.parametrize(("text", "answer"), MEANING)
def test_a_formula_means_what_cfos_and_python_users_expect(text: str, answer: float) -> None:
    """Operators of both worlds give the answer that their users know."""
    assert compile_formula(text).evaluate(VALUES) == pytest.approx(answer)


REFUSED = [
    ("", 1, "empty"),
    ("   ", 4, "empty"),
    ("16A", 3, "without unit"),
    ("1.2.3", 4, "without unit"),
    ("1,5", 2, "decimals with a point"),
    ("a = b", 3, "write =="),
    ("a < b < c", 7, "a < b && b < c"),
    ("a & 4 == 4", 7, "brackets"),
    ("1 + not 2", 5, "brackets"),
    ("min(", 5, "a number or a name"),
    ("min()", 1, "give it 1 or more"),
    ("clamp(1, 2)", 1, "give it 3"),
    ("mni(1)", 1, "did you mean min()"),
    ("import(1)", 1, "there is no function"),
    ("(1 + 2", 7, "add ')'"),
    ("1 + 2)", 6, "remove it"),
    ("a b", 3, "operator"),
    ("1 ? 2", 6, "add ':'"),
    ("1 if 2", 7, "add 'else'"),
    ("1 +", 4, "a value is missing"),
    ("$x", 1, "without a dollar sign"),
    ("x[0]", 2, "round brackets"),
    ("'x'", 1, "no text"),
    ("exists(1)", 8, "asks for a name"),
    ("1e999", 1, "too large"),
    ("(" * 200, 101, "split"),
    ("-" * 200 + "1", 101, "split"),
    ("+".join("a" * 200), 200, "split"),
    ("1" * 1001, 1, "shorten"),
]


@pytest.mark.parametrize(("text", "column", "words"), REFUSED)
def test_a_wrong_formula_is_refused_with_its_place_and_the_cure(text: str, column: int, words: str) -> None:
    """The error of a formula that cannot be compiled points at the column and says what to do."""
    with pytest.raises(FormulaError) as caught:
        compile_formula(text)
    assert words in str(caught.value)
    assert caught.value.column == column


FAILING = [
    ("1 / zero", "division by zero", 3),
    ("1 % zero", "division by zero", 3),
    ("0 ^ -1", "no answer", 3),
    ("(0 - 8) ^ 0.5", "no answer", 9),
    ("1e200 * 1e200", "too large", 7),
    ("10 ^ 999", "too large", 4),
    ("sqrt(0 - 1)", "no square root", 1),
    ("clamp(1, 5, 2)", "is empty", 1),
    ("1 + nobody", "no value now", 5),
    ("1.5 & 1", "whole numbers", 5),
    ("1 & -1", "whole numbers", 3),
]


@pytest.mark.parametrize(("text", "words", "column"), FAILING)
def test_a_formula_without_an_answer_says_so(text: str, words: str, column: int) -> None:
    """What has no finite answer raises FormulaError at the operator, never a number."""
    formula = compile_formula(text)
    with pytest.raises(FormulaError, match=words) as caught:
        formula.evaluate(VALUES)
    assert caught.value.column == column


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_no_number_is_refused(bad: float) -> None:
    """NaN and infinity of a device never become a limit; exists() calls them absent."""
    with pytest.raises(FormulaError, match="no finite number"):
        compile_formula("max(6, x)").evaluate({"x": bad})
    assert compile_formula("exists(x) ? x : 6").evaluate({"x": bad}) == 6


def test_a_formula_tells_what_it_reads() -> None:
    """Names come out in lower case, those under exists() apart."""
    formula = compile_formula("CM.TARIF == 1 && exists(Spare) ? main.power_w : AVAIL")
    assert formula.names == {"cm.tarif", "main.power_w", "avail"}
    assert formula.asked == {"spare"}


def test_names_of_values_may_be_in_any_case() -> None:
    """A variable set as AVAIL is found by a formula that writes avail, and the reverse."""
    assert compile_formula("Avail + 1").evaluate({"AVAIL": 1.0}) == 2
    assert compile_formula("exists(AVAIL)").evaluate({"Avail": 1.0}) == 1


def test_the_caret_stands_under_the_column() -> None:
    """The pointed form shows the formula and a caret below the wrong character."""
    with pytest.raises(FormulaError) as caught:
        compile_formula("a +\tb = c")
    first, second = caught.value.pointed().split("\n")
    assert first == "a + b = c"
    assert first[second.index("^")] == "="


PIECES = st.sampled_from(
    [
        *[
            "0",
            "1",
            "2.5",
            "1e308",
            "x",
            "y.z_1",
            "nobody",
            "+",
            "-",
            "*",
            "/",
            "%",
            "^",
            "**",
            "&",
            "|",
            "&&",
            "||",
            "!",
            "==",
            "!=",
            "<",
            "<=",
            ">",
            ">=",
            "?",
            ":",
            "(",
            ")",
            ",",
        ],
        *[
            "min(",
            "max(",
            "abs(",
            "round(",
            "sqrt(",
            "clamp(",
            "exists(",
            "and",
            "or",
            "not",
            "if",
            "else",
            "true",
        ],
    ]
)
ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)


@given(st.one_of(st.lists(PIECES, max_size=14).map(" ".join), st.text(max_size=30)), ANY_FLOAT, ANY_FLOAT)
def test_only_a_finite_number_or_a_formula_error_comes_out(text: str, x: float, y: float) -> None:
    """Whatever the text and the values, the outcome is a finite float or a FormulaError inside the text."""
    try:
        answer: float | None = compile_formula(text).evaluate({"x": x, "y.z_1": y})
    except FormulaError as error:
        column, answer = error.column, None
    else:
        column = 1
    assert 1 <= column <= len(text) + 1
    assert answer is None or math.isfinite(answer)


@given(
    st.recursive(
        st.integers(0, 9).map(str),
        lambda part: st.tuples(part, st.sampled_from("+-*"), part).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})" if t[1] == "-" else f"{t[0]} {t[1]} {t[2]}"
        ),
        max_leaves=20,
    )
)
def test_arithmetic_agrees_with_python(text: str) -> None:
    """Sums, differences and products of whole numbers are what Python makes of the same text."""
    assert compile_formula(text).evaluate({}) == eval(text, {"__builtins__": {}})
