"""Generates the models of the engine's benchmarks, in target/bench-models.

`mid` is one set of random weights in all formats that the programs need; `full` has the shape of
FLUX.1-schnell, with the transformer and T5 as Q4_K GGUF files. The weights are generated as in
tests/parity.
"""

import dataclasses
import math
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/parity"))

import gguf
import numpy
import torch
from gguf_files import Quantised, t5_name, write_transformer
from models import Model, file_weights, write_model
from original_names import autoencoder, transformer
from quantisers import TYPES, quantise
from safetensors.torch import save_file

FOLDER = ROOT / "target/bench-models"
QUANTISED = ("q8_0", "q4_0", "q4_k", "f16")

FULL_SIZE = {
    "head_dim": 128,
    "axes": (16, 56, 56),
    "clip_width": 768,
    "clip_heads": 12,
    "clip_layers": 12,
    "t5_width": 4096,
    "t5_heads": 64,
    "t5_head_dim": 64,
    "t5_hidden": 10240,
    "decoder_channels": (128, 256, 512, 512),
    "decoder_layers": 2,
    "decoder_groups": 32,
}


class FullVocabularies(Model):
    """Sets FLUX's vocabulary sizes, which some programs require, independent of the tokenizers."""

    def t5_config(self) -> dict:
        return super().t5_config() | {"vocab_size": 32128}

    def clip_config(self) -> dict:
        return super().clip_config() | {"vocab_size": 49408}


MID = FullVocabularies(
    "bench",
    "8 heads of 128, 3 double and 6 single blocks, two layers of T5-XXL, CLIP-L, FLUX's decoder",
    heads=8,
    double_blocks=3,
    single_blocks=6,
    t5_layers=2,
    **FULL_SIZE,
)
FULL = FullVocabularies(
    "full",
    "the shape of FLUX.1-schnell",
    heads=24,
    double_blocks=19,
    single_blocks=38,
    t5_layers=24,
    single_files=("transformer", "text_encoder_2"),
    **FULL_SIZE,
)


def generate(name: str) -> Path:
    """Returns the folder of `mid` or `full`, generating it if it does not exist."""
    folder = FOLDER / name
    if not folder.exists():
        new = FOLDER / f"{name}.new"
        shutil.rmtree(new, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        {"mid": _mid, "full": _full}[name](new)
        new.rename(folder)
    return folder


def _mid(folder: Path) -> None:
    folder.mkdir()
    for kind in ("f32", "bf16"):
        write_model(dataclasses.replace(MID, file_type=kind), folder / kind)
    model = dataclasses.replace(MID, file_type="f32")
    for kind in QUANTISED:
        target = folder / kind
        target.mkdir()
        for part in (folder / "f32").iterdir():
            if part.name != "transformer":
                os.symlink(f"../f32/{part.name}", target / part.name)
        write_transformer(model, target / "flux.gguf", Quantised((kind.upper(),)))
    save_file(autoencoder(model, file_weights(model, "vae")), folder / "ae.safetensors")


def _full(folder: Path) -> None:
    write_model(FULL, folder)
    for part in FULL.single_files:
        shutil.rmtree(folder / part)
    shapes = FULL.empty("transformer").state_dict()
    _write_gguf(folder / "flux.gguf", "flux", transformer(dict(shapes)))
    shapes = FULL.empty("text_encoder_2").state_dict()
    shapes.pop("encoder.embed_tokens.weight", None)
    _write_gguf(
        folder / "t5.gguf", "t5encoder", {t5_name(name): shape for name, shape in shapes.items()}
    )


def _write_gguf(path: Path, architecture: str, tensors: dict[str, torch.Tensor]) -> None:
    """Writes random weights for tensors given by their shapes.

    Matrices are Q4_K: random blocks from a pool of quantised normal numbers, with scales multiplied
    by that of the matrix. Rows that are not a multiple of the block size are F16.
    """
    generator = numpy.random.Generator(numpy.random.PCG64(4))
    pool = quantise(generator.standard_normal((16384, 256), numpy.float32), "Q4_K")
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    kinds = {}
    for name, tensor in tensors.items():
        shape = tuple(tensor.shape)
        kind = "F32" if len(shape) < 2 else "F16" if shape[-1] % 256 else "Q4_K"
        kinds[name] = kind
        count = math.prod(shape)
        if kind == "Q4_K":
            size = count // 256 * 144
            packed = (*shape[:-1], shape[-1] // 256 * 144)
            writer.add_tensor_info(name, packed, numpy.dtype("uint8"), size, TYPES[kind])
        else:
            number = numpy.dtype("float32" if kind == "F32" else "float16")
            writer.add_tensor_info(name, shape, number, count * number.itemsize)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, kind in kinds.items():
        shape = tuple(tensors[name].shape)
        scale = _scale(name, shape)
        if kind == "Q4_K":
            scaled = pool.copy()
            heads = scaled[:, :4].copy().view(numpy.float16)
            scaled[:, :4] = (heads * numpy.float16(scale)).view(numpy.uint8)
            data = scaled[generator.integers(0, len(pool), math.prod(shape) // 256)]
        else:
            data = generator.standard_normal(shape, numpy.float32) * numpy.float32(scale)
            data += numpy.float32(len(shape) < 2 and "norm" in name)
            data = data.astype(numpy.float32 if kind == "F32" else numpy.float16)
        writer.write_tensor_data(data)
    writer.close()


def _scale(name: str, shape: tuple[int, ...]) -> float:
    """The standard deviation that keeps activations near 1, as in tests/parity/models.py."""
    if len(shape) < 2:
        return 0.1
    if "attn_rel_b" in name or "token_embd" in name:
        return 1.0
    # T5 does not divide its scores by sqrt(d).
    return 1 / math.sqrt(shape[-1] * (64 if "attn_q." in name else 1))


if __name__ == "__main__":
    print(generate(sys.argv[1]))
