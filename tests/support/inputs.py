"""Inputs of tests; one test with many, as separate test items cost more than most inputs do."""

import functools
import inspect
import traceback

import pytest
from hypothesis import strategies

SHOWN = 200  # characters of an input that a failure shows
# What `strategies.text()` takes by itself, but each process would try all of Unicode for it: 2 s.
SIGNS = strategies.characters(exclude_categories=["Cs"])


def every(names, values):
    """Run a test with each of these values; it fails and names all inputs that fail.

    Written as `pytest.mark.parametrize`, which is for inputs that must not share their fixtures.
    Values that take long to make may be a function, called once the test runs.
    """
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else [*names]
    values = values if callable(values) else list(values)

    def decorate(test):
        @functools.wraps(test)
        def run(*instance, **given):
            failures = []
            made = values() if callable(values) else values
            tried = [value if len(names) > 1 else (value,) for value in made]
            for value in tried:
                try:
                    test(*instance, **given, **dict(zip(names, value, strict=True)))
                except (Exception, pytest.fail.Exception) as error:
                    failures.append(described(value, error))
            if failures:
                count = f"{len(failures)} of {len(tried)} inputs fail"
                pytest.fail("\n".join([f"{count}:", *failures]), pytrace=False)

        signature = inspect.signature(test)
        others = [it for name, it in signature.parameters.items() if name not in names]
        run.__signature__ = signature.replace(parameters=others)
        return run

    return decorate


def described(value, error):
    shown = repr(value if len(value) > 1 else value[0])[:SHOWN]
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{where.filename}:{where.lineno}"
    return f"--- {shown}\n{type(error).__name__}: {error}\n    in {place}"
