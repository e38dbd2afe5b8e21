"""Run the tests: `python3 scripts/test.py`; `--all` adds the slow ones, the rest is pytest's."""

import sys

from bootstrap import run_tests

sys.exit(run_tests(sys.argv[1:]))
