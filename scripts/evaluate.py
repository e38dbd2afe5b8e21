"""Measure how well questions are answered: `python3 scripts/evaluate.py`."""

import sys

from bootstrap import run_rag

sys.exit(run_rag(["eval", *sys.argv[1:]]))
