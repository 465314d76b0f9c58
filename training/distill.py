"""Stage 3: distils classifier-free guidance into the transformer's guidance input, as in FLUX.1-dev.

The teacher is the averaged model of the flow stage. With guidance w its velocity is none + w * (caption -
none) at high noise levels, and `caption` alone below `guidance_until`, where guidance does not help. The
student gets w as an input and learns to predict this velocity in one pass.
"""

import copy

import torch

from . import autoencoder, flow, loop, models
from .data import Rounds
from .tokenizers import Words


def guided(preset, sigma, weight, caption, none):
    """The teacher's velocity; all arguments except `sigma` and `weight` [n] are velocities."""
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
        options.out / "images",
        preset.roles["distill"],
        preset.side,
        stage.round,
        stage.passes,
        threads=options.threads,
    )

    def loss(step, prepared):
        images, tokens = prepared
        clean = models.latents(vae, models.to_range(images, options.device))
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
        expected = guided(preset, sigma, weight, caption, none)
        actual = models.velocity(student, mixture, sigma, text, pooled, weight)
        return (actual - expected).square().mean()

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
