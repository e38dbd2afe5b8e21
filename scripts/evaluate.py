"""Score the answers: `python3 scripts/evaluate.py GOLD`; without one, on the seeds' own gold."""

import os
import sys

from bootstrap import HERE, run_rag

os.environ.setdefault("RAG_GOLD", str(HERE.root / "tests" / "gold" / "seeds.jsonl"))
sys.exit(run_rag(["eval", *sys.argv[1:]]))
