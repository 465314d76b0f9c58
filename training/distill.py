"""Stage 3: distils classifier-free guidance into the transformer's guidance input, as in FLUX.1-dev.

The teacher is the averaged model of the flow stage. With guidance w its velocity is unconditional + w *
(conditional - unconditional) at high noise levels, and the conditional velocity below `guidance_until`,
where guidance does not help. The student gets w as an input and learns to predict this velocity in one pass.
"""

import copy

import torch

from . import autoencoder, flow, loop, models
from .data import Rounds
from .tokenizers import TextTokenizer


def guided(preset, sigma, weight, conditional, unconditional):
    """The teacher's velocity; all arguments except `sigma` and `weight` [n] are velocities."""
    weight = torch.where(sigma < preset.guidance_until, torch.ones_like(weight), weight)[:, None, None]
    return unconditional + weight * (conditional - unconditional)


def main():
    options = loop.arguments(__doc__)
    preset, stage = options.preset, options.preset.distill_stage
    vae, modules = autoencoder.load(options), flow.build(preset)
    loop.load_trained(options, "flow", modules)
    modules.to(options.device)
    teacher = modules["transformer"]
    student = copy.deepcopy(teacher).requires_grad_(True).train()
    if options.compile:
        teacher.compile()
        student.compile()
        vae.encoder.compile()
    empty_prompt = flow.to_device(TextTokenizer(options.out / "tokenizers", preset.text_length)([""]), options.device)
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
        sigma, _, mixture = flow.add_noise(options, 3, step, clean)
        low, high = preset.guidance_range
        rng = loop.generator(options, 4, step)
        weight = low + (high - low) * torch.rand(sigma.shape, generator=rng, device=sigma.device)
        with torch.no_grad():
            text, pooled = models.encode_text(modules["t5"], modules["clip"], flow.to_device(tokens, options.device))
            empty_text, empty_pooled = (
                encoding.expand(len(sigma), *encoding.shape[1:])
                for encoding in models.encode_text(modules["t5"], modules["clip"], empty_prompt)
            )
            unguided = torch.ones_like(sigma)
            conditional = models.velocity(teacher, mixture, sigma, text, pooled, unguided)
            unconditional = models.velocity(teacher, mixture, sigma, empty_text, empty_pooled, unguided)
        expected = guided(preset, sigma, weight, conditional, unconditional)
        actual = models.velocity(student, mixture, sigma, text, pooled, weight)
        return (actual - expected).square().mean()

    loop.train(
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
