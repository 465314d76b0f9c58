"""Stage 2: the transformer and both text encoders, jointly, by flow matching."""

import numpy
import torch

from . import autoencoder, loop, models
from .data import Rounds
from .tokenizers import TextTokenizer


def build(preset):
    """The modules trained in this stage."""
    return torch.nn.ModuleDict(
        {"transformer": models.transformer(preset), "t5": models.t5(preset), "clip": models.clip(preset)}
    )


def preparer(options, dropout):
    """Converts a batch to images and tokens, in either language, with some captions dropped."""
    tokenizer = TextTokenizer(options.out / "tokenizers", options.preset.text_length)

    def prepare(batch):
        rng = numpy.random.default_rng([options.preset.seed, batch.cursor["round"], batch.cursor["at"]])
        language, dropped = rng.random(len(batch.labels)) < 0.5, rng.random(len(batch.labels)) < dropout
        texts = [
            "" if is_dropped else label["en" if english else "ru"]
            for label, english, is_dropped in zip(batch.labels, language, dropped, strict=True)
        ]
        return batch.images, tokenizer(texts)

    return prepare


def add_noise(options, stage, step, clean):
    """Adds noise of a random level to each image: (sigma [n], noise, the mixture)."""
    preset, rng = options.preset, loop.generator(options, stage, step)
    level = torch.randn(clean.size(0), generator=rng, device=clean.device)
    sigma = torch.sigmoid(preset.noise_mean + preset.noise_deviation * level)
    noise = torch.randn(clean.shape, generator=rng, device=clean.device)
    share = sigma[:, None, None]
    return sigma, noise, (1 - share) * clean + share * noise


def to_device(tokens, device):
    return {name: value.to(device) for name, value in tokens.items()}


def main():
    options = loop.arguments(__doc__)
    preset, stage = options.preset, options.preset.flow_stage
    torch.manual_seed(preset.seed + 1)
    vae = autoencoder.load(options)
    modules = build(preset).to(options.device)
    if options.compile:
        modules["transformer"].compile()
        modules["t5"].compile()
        vae.encoder.compile()
    rounds = Rounds(
        options.out / "images", preset.roles["flow"], preset.side, stage.round, stage.passes, threads=options.threads
    )

    def loss(step, prepared):
        images, tokens = prepared
        clean = models.latents(vae, models.to_range(images, options.device))
        sigma, noise, mixture = add_noise(options, 2, step, clean)
        text, pooled = models.encode_text(modules["t5"], modules["clip"], to_device(tokens, options.device))
        unguided = torch.ones_like(sigma)
        actual = models.velocity(modules["transformer"], mixture, sigma, text, pooled, unguided)
        error = (actual - (noise - clean)).square().mean(dim=(1, 2))
        return (error * sigma**preset.sigma_power).mean()

    loop.train(options, "flow", modules, rounds, preparer(options, preset.caption_dropout), loss, models.is_matrix)


if __name__ == "__main__":
    main()
