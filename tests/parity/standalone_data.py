"""The data that does not depend on a model: noise, schedules, and products with quantised rows."""

from pathlib import Path

import numpy
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from diffusers.pipelines.flux.pipeline_flux import calculate_shift
from safetensors.torch import save_file

from models import DEV, SCHNELL, SHIFTED
from quantisers import TYPES, dequantise, quantise
from vocabularies import write_json

# PyTorch uses only the low 32 bits, which are 0 for 2^32 and 2^63.
SEEDS = (0, 1, 42, 2**32 - 1, 2**32, 2**63, 2**64 - 1)

# PyTorch uses another method for fewer than 16 values. For more, it redraws the last 16 if the
# length is not a multiple of 16.
LENGTHS = (1, 2, 3, 15, 16, 17, 31, 32, 33, 64, 127, 256)

SCHEDULES = {
    "schnell": SCHNELL,
    "dev": DEV,
    "shifted": SHIFTED,
    "dynamic": {
        "shift": 1.0,
        "use_dynamic_shifting": True,
        "base_shift": 0.3,
        "max_shift": 0.9,
        "base_image_seq_len": 64,
        "max_image_seq_len": 1024,
    },
}
SIZES = ((1024, 1024), (16, 16), (1360, 768))
STEPS = (1, 2, 4, 7, 28)


def write(root: Path) -> None:
    save_file(_noise(), root / "noise.safetensors")
    write_json(root / "schedules.json", _schedules(), indent=None)
    save_file(_products(), root / "products.safetensors")


def _noise() -> dict[str, torch.Tensor]:
    out = {}
    for name, dtype in (("f32", torch.float32), ("bf16", torch.bfloat16)):
        for seed in SEEDS:
            for length in LENGTHS:
                generator = torch.Generator("cpu").manual_seed(seed)
                values = torch.randn((length,), generator=generator, dtype=dtype)
                out[f"{name}.{seed}.{length}"] = values
    return out


def _schedules() -> list[dict]:
    """Sigmas and timesteps, set the way `FluxPipeline` does."""
    out = []
    for name, config in SCHEDULES.items():
        # A fixed shift does not depend on the size, so one size is enough.
        for width, height in SIZES if config["use_dynamic_shifting"] else SIZES[:1]:
            for steps in STEPS:
                scheduler = FlowMatchEulerDiscreteScheduler.from_config(config)
                values = scheduler.config
                mu = calculate_shift(
                    width * height // 256,
                    values.base_image_seq_len,
                    values.max_image_seq_len,
                    values.base_shift,
                    values.max_shift,
                )
                sigmas = numpy.linspace(1.0, 1 / steps, steps)
                scheduler.set_timesteps(sigmas=sigmas, mu=mu)
                out.append(
                    {
                        "name": name,
                        "config": {key: values[key] for key in config},
                        "width": width,
                        "height": height,
                        "steps": steps,
                        "sigmas": scheduler.sigmas.tolist(),
                        "timesteps": scheduler.timesteps.tolist(),
                    }
                )
    return out


def _products() -> dict[str, torch.Tensor]:
    """For each type: rows of blocks, the decoded rows in f32, and x·Wᵀ with the decoded rows."""
    rows, columns, vectors = 6, 512, 10
    generator = numpy.random.Generator(numpy.random.PCG64(11))
    weights = generator.standard_normal((rows, columns), numpy.float32) / numpy.float32(22.6)
    weights[0] = 0  # scale 0
    weights[1] *= 100
    weights[2, 17] = 40  # one value that dominates its block
    weights[3] = -numpy.abs(weights[3]) * numpy.float32(1e-3)  # small, of one sign
    inputs = generator.standard_normal((vectors, columns), numpy.float32)
    inputs[1] = 0
    inputs[2, ::32] *= 4
    inputs[3] += 3
    out = {"input": torch.from_numpy(inputs)}
    for name in TYPES:
        data = quantise(weights, name)
        values = dequantise(data, name)
        product = inputs.astype(numpy.float64) @ values.astype(numpy.float64).T
        out[f"{name}.blocks"] = torch.from_numpy(data)
        out[f"{name}.weight"] = torch.from_numpy(values)
        out[f"{name}.product"] = torch.from_numpy(product.astype(numpy.float32))
    return out
