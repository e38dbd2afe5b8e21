"""A trained reader → ONNX: `.venv/bin/python scripts/export_reader.py build/reader/final.pt`.

`reader.onnx` with 8-bit weights, a scale for each output channel, and `reader-float32.onnx` to hold
it against.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import torch
from train_reader import Reader

from rag.embedding import export_onnx


class Exported(torch.nn.Module):
    """The reader with its inputs in the order that tokenizers give them."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        made: tuple[torch.Tensor, ...] = self.reader(input_ids, token_type_ids, attention_mask)
        return made


def quantised(file: Path, out: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer

    with tempfile.TemporaryDirectory() as scratch:
        fused = str(Path(scratch) / "fused.onnx")
        made = optimizer.optimize_model(
            str(file), model_type="bert", num_heads=12, hidden_size=384, opt_level=0
        )
        made.save_model_to_file(fused)
        quantize_dynamic(fused, out, per_channel=True, weight_type=QuantType.QInt8)


def forget_where(file: Path) -> None:
    """Takes out what torch noted at each node: in which files of this machine it was made."""
    import onnx

    model = onnx.load(file)
    for noted in (*model.graph.node, *model.graph.value_info, *model.graph.input, model.graph):
        del noted.metadata_props[:]
    onnx.save(model, file)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=Path("rag/models"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    reader = Reader()
    reader.load_state_dict(
        torch.load(given.checkpoint, map_location="cpu", weights_only=True)["model"]
    )
    whole = given.out / "reader-float32.onnx"
    export_onnx(Exported(reader), whole, ["start", "end", "answers", "support"])
    quantised(whole, given.out / "reader.onnx")
    forget_where(given.out / "reader.onnx")
    for file in (whole, given.out / "reader.onnx"):
        print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
