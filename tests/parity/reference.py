"""The results of diffusers for a case, and their error.

The tensors are captured from `FluxPipeline.__call__` with its callback and with hooks.
"""

import copy
from contextlib import contextmanager

import torch
from diffusers import FluxPipeline

TYPES = {"f32": torch.float32, "bf16": torch.bfloat16}

Tensors = dict[str, torch.Tensor]


def text(pipe: FluxPipeline, prompts: list[str], length: int) -> Tensors:
    """Token ids and embeddings of each prompt, encoded one at a time."""
    out: dict[str, list[torch.Tensor]] = {
        "t5_ids": [],
        "clip_ids": [],
        "t5_embedding": [],
        "clip_pooled": [],
    }
    hooks = [
        pipe.text_encoder_2.register_forward_pre_hook(
            lambda _, args: out["t5_ids"].append(args[0][0].clone())
        ),
        pipe.text_encoder.register_forward_pre_hook(
            lambda _, args: out["clip_ids"].append(args[0][0].clone())
        ),
    ]
    for prompt in prompts:
        with torch.no_grad():
            embedding, pooled, _ = pipe.encode_prompt(prompt, max_sequence_length=length)
        out["t5_embedding"].append(embedding[0])
        out["clip_pooled"].append(pooled[0])
    for hook in hooks:
        hook.remove()
    return {name: torch.stack(values).contiguous() for name, values in out.items()}


def noise_for(pipe: FluxPipeline, case) -> torch.Tensor:
    """The latents that the pipeline starts from, before it packs them: `[16, H/8, W/8]`."""
    generator = torch.Generator("cpu").manual_seed(case.seed)
    shape = (1, 16, case.height // 8, case.width // 8)
    return torch.randn(shape, generator=generator, dtype=pipe.text_encoder_2.dtype)[0]


def picture(
    pipe: FluxPipeline, case, noise: torch.Tensor, times: list[torch.Tensor] | None = None
) -> tuple[Tensors, list[torch.Tensor]]:
    """Generates the image of the first prompt; also returns the sinusoidal embeddings' inputs.

    With the `times` of a run in a narrower type, uses `noise` instead of the seed, and those
    timesteps and guidances: their rounding in bf16 changes the inputs and is not an error of the
    results.
    """
    out: Tensors = {}
    initial: list[torch.Tensor] = []
    velocities: list[torch.Tensor] = []
    replacements = iter(times or ())
    used_times: list[torch.Tensor] = []

    def on_step_end(pipeline, step, timestep, values):
        out[f"latents_step_{step}"] = values["latents"][0].clone()
        return values

    def before_transformer(module, args, kwargs):
        initial.append(kwargs["hidden_states"][0].clone())

    def before_time_proj(module, args):
        value = args[0] if times is None else next(replacements).to(args[0].dtype)
        used_times.append(value.clone())
        return (value,)

    hooks = [
        pipe.transformer.register_forward_pre_hook(before_transformer, with_kwargs=True),
        pipe.transformer.register_forward_hook(
            lambda module, args, result: velocities.append(result[0][0].clone())
        ),
        pipe.transformer.time_text_embed.time_proj.register_forward_pre_hook(before_time_proj),
        pipe.vae.decoder.register_forward_hook(
            lambda module, args, result: out.__setitem__("image", result[0].clone())
        ),
    ]
    packed = FluxPipeline._pack_latents(noise[None], 1, *noise.shape)
    pipe(
        prompt=case.prompts[0],
        height=case.height,
        width=case.width,
        num_inference_steps=case.steps,
        guidance_scale=3.5 if case.guidance is None else case.guidance,
        generator=torch.Generator("cpu").manual_seed(case.seed),
        latents=None if times is None else packed,
        max_sequence_length=case.length,
        output_type="np",
        callback_on_step_end=on_step_end,
    )
    for hook in hooks:
        hook.remove()
    assert torch.equal(initial[0], packed[0]), "the pipeline started from different noise"
    assert out["image"].shape == (3, case.height, case.width)
    guided = pipe.transformer.config.guidance_embeds
    out["noise"] = noise
    out["velocity_0"] = velocities[0]
    out["sigmas"] = pipe.scheduler.sigmas.to(torch.float32).clone()
    out["timesteps"] = torch.cat([time.float() for time in used_times[:: 2 if guided else 1]])
    if guided:
        out["guidance"] = used_times[1].float()
    assert len(velocities) == case.steps and out["timesteps"].numel() == case.steps
    return {name: value.contiguous() for name, value in out.items()}, used_times


def relative_error(value: torch.Tensor, against: torch.Tensor) -> float:
    value, against = value.double(), against.double()
    return float((value - against).norm() / against.norm())


RESULTS = ("t5_embedding", "clip_pooled", "velocity_0", "latents", "image")


def errors(case, ours: Tensors, against: Tensors) -> dict[str, float]:
    """The relative L2 error of each result; `latents` are those after the last step."""
    last = f"latents_step_{case.steps - 1}"
    return {
        name: float(f"{relative_error(ours[key], against[key]):.2e}")
        for name in RESULTS
        for key in [last if name == "latents" else name]
    }


def widened(pipe: FluxPipeline, to: torch.dtype) -> FluxPipeline:
    """The same pipeline in a wider type."""
    parts = {
        name: copy.deepcopy(part).to(to) if isinstance(part, torch.nn.Module) else part
        for name, part in pipe.components.items()
    }
    return FluxPipeline(**parts)


@contextmanager
def int8_activations(pipe: FluxPipeline, components: list[str], block: int):
    """Rounds the inputs of the components' matrices to int8, with one scale per `block` values.

    CPU kernels for GGUF's integer types do the same, so this bounds the error of a correct engine
    relative to the dequantised reference.
    """

    def rounded(module, args):
        values = args[0]
        if values.shape[-1] % block:
            return None
        parts = values.unflatten(-1, (-1, block))
        scale = parts.abs().amax(-1, keepdim=True) / 127
        steps = torch.where(scale > 0, parts / scale, 0).round()
        return ((steps * scale).flatten(-2), *args[1:])

    hooks = [
        layer.register_forward_pre_hook(rounded)
        for name in components
        for layer in getattr(pipe, name).modules()
        if isinstance(layer, torch.nn.Linear)
    ]
    yield
    for hook in hooks:
        hook.remove()
