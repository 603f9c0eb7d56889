"""How fast, how heavy, how many calls: `python -m bench` measures the product beside a bare server doing as much.

Figures are compared within one run, never with a goal: README.md here says what each of them means.
"""
