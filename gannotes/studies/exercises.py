"""Checks for the exercises at the end of a notebook."""

import math


def check(answer, truth, rtol=0.01):
    """Says whether a reader's number is right, within rtol; None is not answered yet."""
    if answer is None:
        print("Not answered yet: put your number in place of None.")
    elif math.isclose(answer, truth, rel_tol=rtol, abs_tol=1e-6):
        print("Right.")
    else:
        print(f"Not yet: {answer:g} is too {'large' if answer > truth else 'small'}.")
