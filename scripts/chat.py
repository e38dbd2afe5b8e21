"""Open the chat in the browser: `python3 scripts/chat.py`; its arguments are those of `rag ui`."""

import sys

from bootstrap import run_rag

sys.exit(run_rag(["ui", *sys.argv[1:]]))
