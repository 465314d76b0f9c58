"""Measures diffusers on PyTorch: PART FOLDER THREADS NUMBER TYPE. Prints the same JSON as engine-bench."""

import json
import resource
import sys
import time

import torch

TYPES = {"f32": torch.float32, "bf16": torch.bfloat16}


def step(folder, runs, dtype):
    """Transformer steps at 512²; the first is not counted."""
    from diffusers import FluxTransformer2DModel

    start = time.perf_counter()
    model = FluxTransformer2DModel.from_pretrained(
        folder, subfolder="transformer", torch_dtype=dtype
    ).eval()
    load = time.perf_counter() - start
    config = model.config
    rows = torch.arange(32)
    ids = torch.zeros(32, 32, 3)
    ids[..., 1] += rows[:, None]
    ids[..., 2] += rows[None]
    inputs = {
        "hidden_states": torch.randn(1, 1024, config.in_channels).to(dtype),
        "encoder_hidden_states": torch.randn(1, 256, config.joint_attention_dim).to(dtype),
        "pooled_projections": torch.randn(1, config.pooled_projection_dim).to(dtype),
        "timestep": torch.ones(1, dtype=dtype),
        "img_ids": ids.reshape(1024, 3),
        "txt_ids": torch.zeros(256, 3),
        "return_dict": False,
    }
    return load, timed(runs, lambda: model(**inputs)[0])


def decode(folder, side, dtype):
    """Decodes one `side`² image."""
    from diffusers import AutoencoderKL

    start = time.perf_counter()
    # The folder contains only the decoder; missing encoder weights are ignored.
    model = AutoencoderKL.from_pretrained(folder, subfolder="vae", torch_dtype=dtype).eval()
    load = time.perf_counter() - start
    latents = torch.randn(1, 16, side // 8, side // 8).to(dtype)
    return load, timed(0, lambda: model.decode(latents, return_dict=False)[0])


def text(folder, runs, dtype):
    """T5 on 256 tokens and CLIP on 77; the first run is not counted."""
    from transformers import CLIPTextModel, T5EncoderModel

    start = time.perf_counter()
    t5 = T5EncoderModel.from_pretrained(folder, subfolder="text_encoder_2", dtype=dtype).eval()
    clip = CLIPTextModel.from_pretrained(folder, subfolder="text_encoder", dtype=dtype).eval()
    load = time.perf_counter() - start
    t5_ids, clip_ids = torch.arange(3, 259)[None], torch.arange(3, 80)[None]

    def run():
        pooled = clip(clip_ids).pooler_output
        return t5(t5_ids).last_hidden_state.sum() + pooled.sum()

    return load, timed(runs, run)


def timed(runs, work):
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
        assert torch.isfinite(result).all()
    return times[1:] or times


def main():
    part, folder, threads, number, kind = sys.argv[1:]
    torch.set_num_threads(int(threads))
    parts = {"step": step, "decode": decode, "text": text}
    with torch.inference_mode():
        load, times = parts[part](folder, int(number), TYPES[kind])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"load": load, "times": times, "peak_kib": peak}))


main()
