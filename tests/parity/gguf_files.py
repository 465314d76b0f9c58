"""Writes GGUF files of the transformer and T5 in the layouts of common tools.

Transformer files have either `general.architecture = flux` and names without a prefix (city96's
converter), or the prefix `model.diffusion_model.` and no architecture (stable-diffusion.cpp). T5
files have llama.cpp's names for `t5encoder`, and the tokenizer.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy
import torch
from transformers import T5Tokenizer

import original_names
from models import Model, Weights
from quantisers import BLOCK, TYPES, dequantise, quantise

PREFIX = "model.diffusion_model."

# Layers that converters keep in 16 bits: the first and the last, which are the most sensitive.
UNQUANTISED = ("img_in.", "final_layer.linear.")


@dataclass(frozen=True)
class Quantised:
    """The types of a file's matrices: in rotation, or the first if larger than `large` values."""

    types: tuple[str, ...]
    prefixed: bool = False
    large: int | None = None

    @property
    def block(self) -> int:
        return max(BLOCK[name] for name in self.types)

    @property
    def integer(self) -> bool:
        """Whether integer kernels are used for any of its types."""
        return self.block > 1

    def type_for(self, index: int, name: str, shape: tuple[int, ...]) -> str:
        if len(shape) < 2:
            # stable-diffusion.cpp keeps the type of vectors; other tools convert them to F32.
            return "F16" if self.prefixed and name.endswith(".bias") else "F32"
        if name.removeprefix(PREFIX).startswith(UNQUANTISED):
            return "BF16" if self.prefixed else "F16"
        is_large = self.large is not None and math.prod(shape) > self.large
        preferred = self.types[0 if is_large else index % len(self.types)]
        if shape[-1] % BLOCK[preferred] == 0:
            return preferred
        # llama.cpp's fallback for rows that are not a multiple of 256.
        return "Q8_0" if shape[-1] % 32 == 0 else "F16"


def _add(writer: gguf.GGUFWriter, weights: Weights, quantised: Quantised) -> Weights:
    """Adds the tensors; returns their dequantised weights."""
    decoded: Weights = {}
    matrices = 0
    for name, value in weights.items():
        values = value.float().numpy()
        kind = quantised.type_for(matrices, name, values.shape)
        matrices += values.ndim > 1
        if kind == "F32":
            writer.add_tensor(name, values)
            decoded[name] = value.float()
            continue
        data = quantise(values, kind)
        decoded[name] = torch.from_numpy(dequantise(data, kind)).reshape(value.shape)
        if kind == "F16":
            writer.add_tensor(name, data.view(numpy.float16))
        else:
            writer.add_tensor(name, data, raw_dtype=TYPES[kind])
    return decoded


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _check(path: Path, expected: Weights) -> None:
    """Checks that the gguf package reads these weights from the file."""
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}
    assert tensors.keys() == expected.keys()
    for name, tensor in tensors.items():
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        shape = tuple(int(side) for side in reversed(tensor.shape))
        assert shape == tuple(expected[name].shape), (name, shape)
        assert numpy.array_equal(values.reshape(shape), expected[name].numpy()), name


def write_transformer(model: Model, path: Path, quantised: Quantised) -> Weights:
    """Writes the file; returns the dequantised weights with diffusers' names."""
    weights = original_names.transformer(model.weights("transformer"))
    writer = gguf.GGUFWriter(path, "flux")
    if quantised.prefixed:
        weights = {PREFIX + name: value for name, value in weights.items()}
        del writer.kv_data[0]["general.architecture"]
    else:
        writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
        writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    decoded = _add(writer, weights, quantised)
    _finish(writer)
    _check(path, decoded)
    return original_names.transformer_back(model, decoded)


T5_NAMES = {
    "layer.0.SelfAttention.q": "attn_q",
    "layer.0.SelfAttention.k": "attn_k",
    "layer.0.SelfAttention.v": "attn_v",
    "layer.0.SelfAttention.o": "attn_o",
    "layer.0.SelfAttention.relative_attention_bias": "attn_rel_b",
    "layer.0.layer_norm": "attn_norm",
    "layer.1.DenseReluDense.wi_0": "ffn_gate",
    "layer.1.DenseReluDense.wi_1": "ffn_up",
    "layer.1.DenseReluDense.wo": "ffn_down",
    "layer.1.layer_norm": "ffn_norm",
}


def t5_name(name: str) -> str:
    """llama.cpp's name for a tensor of the T5 encoder."""
    fixed = {
        "shared.weight": "token_embd.weight",
        "encoder.final_layer_norm.weight": "enc.output_norm.weight",
    }
    if name in fixed:
        return fixed[name]
    _, _, layer, part = name.removesuffix(".weight").split(".", 3)
    return f"enc.blk.{layer}.{T5_NAMES[part]}.weight"


def _check_t5_names(model: Model, names: list[str]) -> None:
    known = gguf.get_tensor_name_map(gguf.MODEL_ARCH.T5ENCODER, model.t5_layers)
    for name in names:
        assert known.get_name(name, try_suffixes=(".weight",)) == t5_name(name), name


def write_t5(model: Model, folder: Path, path: Path, quantised: Quantised) -> Weights:
    """Writes the file with the tokenizer of `folder`; returns the dequantised weights."""
    weights = model.weights("text_encoder_2")
    _check_t5_names(model, list(weights))
    writer = gguf.GGUFWriter(path, "t5encoder")
    writer.add_name("T5 encoder with random weights")
    writer.add_context_length(512)
    writer.add_embedding_length(model.t5_width)
    writer.add_feed_forward_length(model.t5_hidden)
    writer.add_block_count(model.t5_layers)
    writer.add_head_count(model.t5_heads)
    writer.add_key_length(model.t5_head_dim)
    writer.add_value_length(model.t5_head_dim)
    writer.add_layer_norm_eps(1e-6)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_relative_attn_buckets_count(32)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    tokens = T5Tokenizer.from_pretrained(folder / "tokenizer_2").convert_ids_to_tokens(
        range(model.t5_files.pieces)
    )
    writer.add_tokenizer_model("t5")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(index) for index in range(len(tokens))])
    writer.add_token_types([gguf.TokenType.NORMAL] * len(tokens))
    writer.add_eos_token_id(1)
    writer.add_pad_token_id(0)

    names = {t5_name(name): name for name in weights}
    decoded = _add(writer, {t5_name(name): value for name, value in weights.items()}, quantised)
    _finish(writer)
    _check(path, decoded)
    return {names[name]: value for name, value in decoded.items()}
