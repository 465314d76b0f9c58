"""Measures stable-diffusion.cpp: PART FOLDER THREADS NUMBER TYPE. Prints the same JSON as engine-bench.

The library generates only complete images, so steps and decoding are timed by its progress
callbacks, and a run of `step` exits before the decoding. CLIP-L encodes the prompt. The library
supports T5 only in the size of XXL, so T5 is omitted and the transformer gets 256 zero tokens.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import stable_diffusion_cpp as library

# The library closes file descriptor 1.
STDOUT = os.dup(1)


def report(load, times):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = json.dumps({"load": load, "times": times, "peak_kib": peak})
    os.write(STDOUT, line.encode() + b"\n")
    os._exit(0)


def main():
    part, folder, threads, number, kind = sys.argv[1:]
    folder, number = Path(folder), int(number)
    start = time.perf_counter()
    model = library.StableDiffusion(
        diffusion_model_path=str(folder / kind / "flux.gguf"),
        clip_l_path=str(folder / "f32/text_encoder/model.safetensors"),
        vae_path=str(folder / "ae.safetensors"),
        vae_decode_only=True,
        diffusion_flash_attn=True,
        vae_conv_direct=False,
        n_threads=int(threads),
        verbose=False,
    )
    load = time.perf_counter() - start
    marks = []

    def progress(step, steps, seconds):
        marks.append(time.perf_counter())
        # The first call comes before any work, the second after the step that is not counted.
        if part == "step" and step == number + 1:
            report(load, [after - before for before, after in zip(marks[1:], marks[2:])])

    decoding = part == "decode"
    started = time.perf_counter()
    model.generate_image(
        prompt="a lighthouse in a storm",
        width=number if decoding else 512,
        height=number if decoding else 512,
        cfg_scale=1.0,
        sample_method="euler",
        sample_steps=1 if decoding else number + 1,
        seed=7,
        progress_callback=progress,
    )
    report(load, [time.perf_counter() - marks[-1]] if decoding else [time.perf_counter() - started])


main()
