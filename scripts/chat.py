"""Open the chat window in the browser: `python3 scripts/chat.py`."""

import sys

from bootstrap import run_rag

sys.exit(run_rag(["ui", *sys.argv[1:]]))
