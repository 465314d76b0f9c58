"""Generates `noise.json` for `src/noise/tests.rs`; needs torch 2.12 or later.

    python noise.py noise.json

For each type, seed and count: the first values, and the FNV-1a hash of all as little-endian f32.
"""

import json
import sys

import torch

SEEDS = (0, 1, 42, 2**32 - 1, 2**32, 2**63, 2**64 - 1)
COUNTS = (*range(1, 41), 1000, 65536, 65549)


def hashed(data: bytes) -> str:
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def main(path: str) -> None:
    types = {"F32": torch.float32, "Bf16": torch.bfloat16}
    cases = []
    for name, dtype in types.items():
        for seed in SEEDS:
            for count in COUNTS:
                generator = torch.Generator("cpu").manual_seed(seed)
                values = torch.randn(count, generator=generator, dtype=dtype).float()
                first = values[:3].tolist()
                hash = hashed(values.numpy().astype("<f4").tobytes())
                # JSON numbers have 53 bits, so the seed is a string.
                case = {"kind": name, "seed": str(seed), "count": count, "hash": hash}
                cases.append(case | {"first": first})
    with open(path, "w") as file:
        lines = ",\n".join(json.dumps(case) for case in cases)
        file.write(f'{{"torch": "{torch.__version__}", "cases": [\n{lines}\n]}}\n')


main(*sys.argv[1:])
