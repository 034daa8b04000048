"""What one writer says again under one essay: what makes a difference, and what makes none."""

from inputs import every
from quick import within

from comments.text.fingerprints import fingerprint, identity, meaning

LOU = identity("Lou Barba", "", browser="a key")

# What a writer might correct: neither may be taken for the other.
CORRECTIONS = [
    ("-5", "5"),
    ("minus −5", "minus 5"),
    ("5 - 3", "5 3"),
    ("-$5", "$5"),
    ("10-20", "10 20"),
    ("10⁻³", "10³"),
    ("x - y", "x y"),
    ("--force", "-force"),
    ("He won?", "He won."),
    ("He won?", "He won"),
    ("C'est bon ?", "C'est bon."),
    ("Κέρδισε;", "Κέρδισε."),
    ("ربح؟", "ربح."),
    ("勝った？", "勝った。"),
    ("¡Ganó!", "¿Ganó?"),
    ("x != 5", "x = 5"),
    ("x == 5", "x = 5"),
    ("x ≠ 5", "x = 5"),
    ("x < 5", "x > 5"),
    ("x <= 5", "x < 5"),
    ("if !done", "if done"),
    ("¬p", "p"),
    ("p ∧ q", "p ∨ q"),
    ("+1", "-1"),
    ("+1", "1"),
    ("±5", "5"),
    ("~5", "5"),
    ("10%", "10"),
    ("3 ‰", "3 %"),
    ("$5", "€5"),
    ("5 °C", "5 C"),
    ("§ 5", "5"),
    ("#1", "1"),
    ("3.14", "314"),
    ("3,14", "314"),
    ("1,000", "1.000"),
    (".5", "5"),
    ("12:30", "1230"),
    ("1/2", "12"),
    ("5²", "52"),
    ("1½", "11/2"),
    ("2^3", "23"),
    ("2*3", "2 3"),
    ("2 * 3 = 6", "2 3 = 6"),
    ("(1+2)*3", "1+2*3"),
    ("5! = 120", "5 = 120"),
    ("5'", '5"'),
    ("f(x)", "f x"),
    ("a.b", "a b"),
    ("a|b", "a b"),
    ("snake_case", "snake case"),
    (r"c:\x", "c:/x"),
    ("C++", "C"),
    ("C#", "C"),
    ("I give it an A-.", "I give it an A."),
    ("a → b", "a ← b"),
    ("a -> b", "a <- b"),
    ("Great :)", "Great :("),
    ("great:)", "great:("),
    ("Merci :-)", "Merci :-("),
    ("i'm in ;)", "i'm in"),
    ("yes 👍", "yes 👎"),
    ("👍🏻", "👍🏿"),
    ("R&D", "R D"),
    ("@lou", "lou"),
    ("I can", "I can't"),
    ("resume", "resumé"),
    ("now here", "nowhere"),
    ("!!!", "???"),
    ("> Yes.\n\nAgreed.", "> No.\n\nAgreed."),
    ("f'(x) = 2", "f(x) = 2"),
    ("n! = 6", "n = 6"),
    ("int *p = 0;", "int p = 0;"),
    ("int *p, *q;", "int p, q;"),
    ("call obj.__init__()", "call obj.init()"),
    ("__init__.py", "init.py"),
    ("*args", "args"),
    ("**kwargs", "kwargs"),
    ("f(*args, **kwargs)", "f(args, kwargs)"),
    ("a * b", "a b"),
    ("a*b*c", "abc"),
    ("x--", "x"),
    ("x -- y", "x - y"),
    ("|-x|", "|x|"),
    ("x := 1", "x = 1"),
    ("{1, 2}", "(1, 2)"),
    ("[1, 2]", "1, 2"),
    ("can't", "cant"),
    ("don`t", "dont"),
    ("no: never", "no never"),
    ("no; never", "no never"),
    ("no, never", "no never"),
    ("No. Never", "No never"),
    ("a ?? b", "a ? b"),
    ("a && b", "a & b"),
    ("a..b", "a...b"),
    ("../x", "./x"),
    ('he said "yes"', "he said yes"),
    ("he (said) yes", "he said yes"),
    (r"\d+", "d+"),
    ("`x` or x", "x or `y`"),
    ("Hello;", "Hello:"),
    ("·5", "5"),
    ("5′", "5"),
]

# What people, keyboards and phones put in without saying anything else.
SAME = [
    ("He won.", "He won"),
    ("Stop!", "stop!!!"),
    ("He won?", "He won ?!?"),
    ("x=5", "x = 5"),
    ("x\n= 5", "x = 5"),
    ("5%", "5 %"),
    ("- 5", "−5"),
    ("well-known", "well–known"),
    ("a part—because", "a part – because"),
    ("wait…what", "wait... what"),
    ("It costs *5* euros", "It costs 5 euros"),
    ("It costs **5** euros", "it costs `5` euros"),
    ("# Head\ntext", "Head text"),
    ("> a\n> b", "a b"),
    ("«Oui»", '"oui"'),
    ("It is *really good*, (**very**) ~~good~~", "it is really good, (very) good"),
    ('the `*p` and "_so_".', 'The *p and "so"!'),
    ("Stop!!! Now", "Stop! now"),
    ("Why?! Oh", "Why? Oh"),
    ("Fine.", "Fine, "),
    ("はい", "はい。"),
    ("don`t", "don’t"),
    ("❤\ufe0f", "❤"),
]


def _print(text, writer=LOU, parent=None):
    return fingerprint(writer, parent, text)


@every(("one", "other"), CORRECTIONS)
def test_signs_that_carry_meaning_count(one, other):
    assert meaning(one) != meaning(other)
    long = "As I said before, and say again: {} is what I meant by it."
    assert meaning(long.format(one)) != meaning(long.format(other))


@every(("one", "other"), SAME)
def test_signs_without_meaning_make_no_difference(one, other):
    assert meaning(one) == meaning(other)


def test_the_comment_that_is_answered_counts():
    assert len({_print("Thank you!", parent=parent) for parent in (None, 1, 2)}) == 3


def test_a_bare_name_counts_with_browser_or_network():
    several = [
        identity("Anna", "", browser="a key"),
        identity("Anna", "", browser="another key"),
        identity("Anna", "", network="192.0.2.0/24"),
        identity("Anna", "", network="198.51.100.0/24"),
        identity("Anna", ""),
        identity("Ben", "", browser="a key"),
    ]
    assert len({_print("Hello", writer) for writer in several}) == 6
    assert several[0] == identity(" anna.", "", browser="a key", network="192.0.2.0/24")


def test_an_address_or_account_is_the_same_everywhere():
    by_mail = identity("Anna", "anna@example.org", browser="a key")
    assert by_mail == identity("A.", " ANNA@example.org", network="192.0.2.0/24")
    signed_in = identity("Anna", "anna@example.org", account=3, browser="a key")
    assert signed_in == identity("Ann", "", account=3)
    assert by_mail != signed_in


def test_the_end_of_a_long_text_counts():
    long = "A margin is a narrow thing. " * 1000
    assert _print(long + "Five.") == _print(long + "  Five.")
    assert _print(long + "Five.") != _print(long + "Six.")


@every(
    "text",
    [
        "\ufdfa",
        "w\u20dd",
        "a\u0301\u0323\u0327",
        "!?",
        "(",
        "((=(",
        ":(",
        "> ",
        "-",
        "x-",
        "5*",
        "\\(",
        "*a ",
        "**_a ",
        "`a` ",
        "a?!",
        "a ?!",
        "?",
    ],
)
def test_hostile_texts_take_no_time(text):
    text = (text * 65_000)[:65_000]
    within(0.2, _print, text)  # 5 to 25 ms; without a bound up to 1,000
