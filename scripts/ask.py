"""Ask the articles: `python3 scripts/ask.py "who criticised Rowley?"`; no question opens a chat."""

import sys

from bootstrap import run_rag

sys.exit(run_rag(["ask", *sys.argv[1:]] if sys.argv[1:] else ["chat"]))
