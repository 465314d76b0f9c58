"""Quantises to GGUF's block types, and dequantises with the gguf package.

The gguf package quantises Q8_0, Q4_0, Q5_0, F16 and BF16. The K types are quantised here by the
simple method: the range of a sub-block is that of its values, without a search for better scales.
`self_check` checks that the package reads this layout.
"""

import numpy
from gguf import GGMLQuantizationType as Type
from gguf import quants

TYPES = {
    name: Type[name] for name in ("Q8_0", "Q4_0", "Q5_0", "Q4_K", "Q5_K", "Q6_K", "F16", "BF16")
}
BLOCK = {
    "Q8_0": 32,
    "Q4_0": 32,
    "Q5_0": 32,
    "Q4_K": 256,
    "Q5_K": 256,
    "Q6_K": 256,
    "F16": 1,
    "BF16": 1,
}

# Maximum relative L2 error of quantised, normally distributed numbers, for `self_check`.
MAX_ERROR = {
    "Q8_0": 0.01,
    "Q4_0": 0.12,
    "Q5_0": 0.06,
    "Q4_K": 0.1,
    "Q5_K": 0.05,
    "Q6_K": 0.03,
    "F16": 3e-4,
    "BF16": 3e-3,
}


def quantise(values: numpy.ndarray, name: str) -> numpy.ndarray:
    """The encoded rows: `[…, row length / block × bytes per block]` of u8."""
    values = numpy.ascontiguousarray(values, dtype=numpy.float32)
    if name == "F16":
        return values.astype(numpy.float16).view(numpy.uint8)
    if not name.endswith("_K"):
        return quants.quantize(values, TYPES[name])
    blocks = {"Q4_K": _q4_k, "Q5_K": _q5_k, "Q6_K": _q6_k}[name](values.reshape(-1, 256))
    return blocks.reshape(*values.shape[:-1], -1)


def dequantise(data: numpy.ndarray, name: str) -> numpy.ndarray:
    return numpy.ascontiguousarray(quants.dequantize(data, TYPES[name]), dtype=numpy.float32)


def _half(values: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """`[n]` of f32 as the bytes of f16 `[n, 2]`, and rounded to f16."""
    half = values.astype(numpy.float16)
    return half.view(numpy.uint8).reshape(-1, 2), half.astype(numpy.float32)


def _divide(values: numpy.ndarray, by: numpy.ndarray) -> numpy.ndarray:
    return numpy.divide(values, by, out=numpy.zeros_like(values), where=by != 0)


def _scaled_and_shifted(blocks: numpy.ndarray, levels: int):
    """Eight sub-blocks of 32 as `d·scale·q − dmin·minimum`: header `[n, 16]` and q `[n, 8, 32]`."""
    parts = blocks.reshape(-1, 8, 32)
    least = numpy.minimum(parts.min(-1), 0)
    steps = (parts.max(-1).clip(0) - least) / (levels - 1)
    d_bytes, d = _half(steps.max(-1) / 63)
    m_bytes, dmin = _half(-least.min(-1) / 63)
    scales = numpy.rint(_divide(steps, numpy.broadcast_to(d[:, None], steps.shape))).clip(0, 63)
    minima = numpy.rint(_divide(-least, numpy.broadcast_to(dmin[:, None], least.shape))).clip(0, 63)
    step = (d[:, None] * scales)[:, :, None]
    shifted = parts + (dmin[:, None] * minima)[:, :, None]
    q = numpy.rint(_divide(shifted, numpy.broadcast_to(step, shifted.shape))).clip(0, levels - 1)
    s, m = scales.astype(numpy.uint8), minima.astype(numpy.uint8)
    packed = numpy.concatenate(
        [
            s[:, :4] | (s[:, 4:] >> 4) << 6,
            m[:, :4] | (m[:, 4:] >> 4) << 6,
            (s[:, 4:] & 15) | (m[:, 4:] & 15) << 4,
        ],
        axis=-1,
    )
    return numpy.concatenate([d_bytes, m_bytes, packed], axis=-1), q.astype(numpy.uint8)


def _nibbles(q: numpy.ndarray) -> numpy.ndarray:
    """Low four bits of `[n, 8, 32]`: sub-blocks in pairs, the first of a pair in the low half."""
    pairs = (q & 15).reshape(-1, 4, 2, 32)
    return (pairs[:, :, 0] | pairs[:, :, 1] << 4).reshape(-1, 128)


def _q4_k(blocks: numpy.ndarray) -> numpy.ndarray:
    header, q = _scaled_and_shifted(blocks, 16)
    return numpy.concatenate([header, _nibbles(q)], axis=-1)


def _q5_k(blocks: numpy.ndarray) -> numpy.ndarray:
    header, q = _scaled_and_shifted(blocks, 32)
    # Bit `i` of the 32 high bytes belongs to sub-block `i`.
    high = numpy.bitwise_or.reduce(
        (q >> 4) << numpy.arange(8, dtype=numpy.uint8)[None, :, None], axis=1
    )
    return numpy.concatenate([header, high, _nibbles(q)], axis=-1)


def _q6_k(blocks: numpy.ndarray) -> numpy.ndarray:
    parts = blocks.reshape(-1, 16, 16)
    # The value of largest magnitude becomes -32, so scales have both signs, as in ggml's files.
    at = numpy.abs(parts).argmax(-1, keepdims=True)
    steps = numpy.take_along_axis(parts, at, -1)[:, :, 0] / -32
    at = numpy.abs(steps).argmax(-1, keepdims=True)
    d_bytes, d = _half(numpy.take_along_axis(steps, at, -1)[:, 0] / -128)
    scales = numpy.rint(_divide(steps, numpy.broadcast_to(d[:, None], steps.shape))).clip(-128, 127)
    step = numpy.broadcast_to((d[:, None] * scales)[:, :, None], parts.shape)
    q = (numpy.rint(_divide(parts, step)).clip(-32, 31) + 32).astype(numpy.uint8)
    # In each half of 128: low nibbles as 2 × 64, high pairs of bits as 4 × 32.
    low = (q & 15).reshape(-1, 2, 2, 64)
    low = (low[:, :, 0] | low[:, :, 1] << 4).reshape(-1, 128)
    high = numpy.bitwise_or.reduce(
        (q >> 4).reshape(-1, 2, 4, 32)
        << numpy.array([0, 2, 4, 6], numpy.uint8)[None, None, :, None],
        axis=2,
    ).reshape(-1, 64)
    return numpy.concatenate(
        [low, high, scales.astype(numpy.int8).view(numpy.uint8), d_bytes], axis=-1
    )


def self_check() -> None:
    """Checks the error of every type; a wrong layout would exceed the limit."""
    normal = numpy.random.Generator(numpy.random.PCG64(7)).standard_normal(
        (64, 1024), numpy.float32
    )
    for name, limit in MAX_ERROR.items():
        decoded = dequantise(quantise(normal, name), name)
        error = numpy.linalg.norm(decoded - normal) / numpy.linalg.norm(normal)
        assert error < limit, (name, error)
