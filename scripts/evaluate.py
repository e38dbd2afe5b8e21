"""Score the answers: `python3 scripts/evaluate.py GOLD`; without one, on the seeds' own gold."""

import os
import sys

from bootstrap import HERE, run_rag

if "RAG_GOLD" not in os.environ:
    os.environ["RAG_GOLD"] = str(HERE.root / "tests" / "gold" / "seeds.jsonl")
    # Of the seeds alone: the library holds whatever else the person has ingested.
    os.environ["RAG_GOLD_ARTICLES"] = str(HERE.seeds)
sys.exit(run_rag(["eval", *sys.argv[1:]]))
