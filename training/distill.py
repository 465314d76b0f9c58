"""Stage 3: classifier-free guidance, learnt into the transformer's guidance input as in FLUX.1-dev.

The teacher is the flow stage's average. Guided by w, it moves by none + w * (caption - none) where
there is much noise, and by `caption` alone below `guidance_until`, where guidance only coarsens. The
student is told w and learns to say that in one pass, so whoever runs the model needs no second pass.
"""

import copy

import torch

from . import autoencoder, flow, loop, models
from .data import Rounds
from .tokenizers import Words


def guided(preset, sigma, weight, caption, none):
    """The teacher's answer; all but `sigma` and `weight` [n] are velocities."""
    weight = torch.where(sigma < preset.guidance_until, torch.ones_like(weight), weight)[:, None, None]
    return none + weight * (caption - none)


def main():
    options = loop.arguments(__doc__)
    preset, stage = options.preset, options.preset.distill_stage
    vae, modules = autoencoder.load(options), flow.build(preset)
    loop.trained(options, "flow", modules)
    modules.to(options.device)
    teacher = modules["transformer"]
    student = copy.deepcopy(teacher).requires_grad_(True).train()
    if options.compile:
        teacher.compile()
        student.compile()
        vae.encoder.compile()
    nothing = flow.to_device(Words(options.out / "tokenizers", preset.text_length)([""]), options.device)
    rounds = Rounds(
        options.out / "pictures",
        preset.roles["distill"],
        preset.side,
        stage.round,
        stage.passes,
        threads=options.threads,
    )

    def loss(step, prepared):
        pictures, tokens = prepared
        clean = models.latents(vae, models.to_range(pictures, options.device))
        sigma, _, mixture = flow.noisy(options, 3, step, clean)
        low, high = preset.guidance_range
        draw = loop.generator(options, 4, step)
        weight = low + (high - low) * torch.rand(sigma.shape, generator=draw, device=sigma.device)
        with torch.no_grad():
            text, pooled = models.words(modules["t5"], modules["clip"], flow.to_device(tokens, options.device))
            no_text, no_pooled = (
                one.expand(len(sigma), *one.shape[1:]) for one in models.words(modules["t5"], modules["clip"], nothing)
            )
            plain = torch.ones_like(sigma)
            caption = models.velocity(teacher, mixture, sigma, text, pooled, plain)
            none = models.velocity(teacher, mixture, sigma, no_text, no_pooled, plain)
        wanted = guided(preset, sigma, weight, caption, none)
        got = models.velocity(student, mixture, sigma, text, pooled, weight)
        return (got - wanted).square().mean()

    loop.learn(
        options,
        "distill",
        torch.nn.ModuleDict({"transformer": student}),
        rounds,
        flow.preparer(options, 0.0),
        loss,
        models.is_matrix,
    )


if __name__ == "__main__":
    main()
