"""Generates `schedules.json`: the noise levels of diffusers' FluxPipeline.

    python schedules.py schedules.json     with diffusers 0.42.1
"""

import json
import sys

import numpy
from diffusers import FlowMatchEulerDiscreteScheduler
from diffusers.pipelines.flux.pipeline_flux import calculate_shift

CONFIGS = (
    {},
    {"shift": 3.0},
    {"shift": 0.4, "num_train_timesteps": 500},
    {"shift": 3.0, "use_dynamic_shifting": True},
    {"use_dynamic_shifting": True, "base_shift": 0.3, "max_shift": 0.9, "max_image_seq_len": 1024},
    {"use_dynamic_shifting": True, "time_shift_type": "linear"},
    {"use_dynamic_shifting": True, "shift_terminal": 0.02},
    {"shift": 2.0, "shift_terminal": 0.3},
    {"shift_terminal": 0.0},
)
STEPS = (1, 2, 3, 4, 7, 28, 50)
TOKENS = (1, 1024, 4080)

cases = []
for config in CONFIGS:
    for tokens in TOKENS:
        for steps in STEPS:
            if config.get("shift_terminal") and steps == 1:
                steps = 5  # a single step cannot be stretched
            scheduler = FlowMatchEulerDiscreteScheduler(**config)
            values = scheduler.config
            mu = calculate_shift(
                tokens,
                values.base_image_seq_len,
                values.max_image_seq_len,
                values.base_shift,
                values.max_shift,
            )
            scheduler.set_timesteps(sigmas=numpy.linspace(1.0, 1 / steps, steps), mu=mu)
            case = {"config": config, "steps": steps, "image_tokens": tokens}
            case["sigmas"] = scheduler.sigmas.tolist()
            case["timesteps"] = scheduler.timesteps.tolist()
            cases.append(case)
with open(sys.argv[1], "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
