"""Stage 1: the autoencoder, which reduces each side by a factor of eight."""

import torch
from torch.nn import functional

from . import checkpoint, loop, models
from .data import Rounds, prefetch


def reconstruction_loss(expected, actual):
    """L1 loss of pixels and of differences between neighbours (edges), at several scales."""
    total = 0.0
    for factor in (1, 2, 4):
        a, b = (functional.avg_pool2d(x, factor) if factor > 1 else x for x in (expected, actual))
        total = total + (a - b).abs().mean()
        for axis in (2, 3):
            total = total + (a.diff(dim=axis) - b.diff(dim=axis)).abs().mean()
    return total


def kl_divergence(distribution):
    """The KL divergence from N(0, 1), per latent."""
    return 0.5 * (distribution.mean**2 + distribution.var - 1 - distribution.logvar).mean()


def is_matrix(name):
    """Selects the parameters for Muon: all convolutions except the first and last of each half."""
    return "resnets" in name and "conv" in name or "samplers" in name


@torch.no_grad()
def statistics(options, model, rounds, count):
    """The mean and deviation of the latents and the mean error of a pixel, on the last round of images."""
    means, errors = [], []
    for images in prefetch(rounds.batches(64), lambda batch: batch.images):
        expected = models.to_range(images, options.device)
        with loop.autocast(options):
            mean = model.encode(expected).latent_dist.mode()
            errors.append((model.decode(mean).sample.float().clamp(-1, 1) - expected).square().mean().cpu())
        means.append(mean.float().cpu())
        if len(means) * 64 >= count:
            break
    latents = torch.cat(means)
    return latents.mean().item(), latents.std().item(), torch.stack(errors).mean().item()


def main():
    options = loop.arguments(__doc__)
    preset = options.preset
    torch.manual_seed(preset.seed)
    model = models.autoencoder(preset).to(options.device, memory_format=torch.channels_last)
    stage = preset.autoencoder_stage
    role, folder = preset.roles["autoencoder"], options.out / "images"
    rounds = Rounds(folder, role, preset.side, stage.round, stage.passes, threads=options.threads)
    if options.compile:
        model.encoder.compile()
        model.decoder.compile()

    def loss(step, images):
        expected = models.to_range(images, options.device)
        distribution = model.encode(expected).latent_dist
        actual = model.decode(distribution.sample(loop.generator(options, 1, step))).sample
        error, spread = reconstruction_loss(expected, actual.float()), kl_divergence(distribution)
        return error + preset.kl_weight * spread, {"kl": spread.detach(), "l1": (expected - actual).abs().mean().detach()}

    done = loop.train(
        options,
        "autoencoder",
        torch.nn.ModuleDict({"vae": model}),
        rounds,
        lambda batch: batch.images,
        loss,
        is_matrix,
    )
    measure = Rounds(folder, role, preset.side, 4096, threads=options.threads)
    shift, deviation, error = statistics(options, model.eval(), measure, min(2048, 32 * stage.batch))
    decibels = -10 * torch.tensor(error / 4).log10().item()
    metadata = {"shift": shift, "scaling": 1 / deviation, "psnr": round(decibels, 2)}
    checkpoint.annotate(options.out / "autoencoder/checkpoint", metadata)
    print(f"autoencoder: {metadata}, {'done' if done else 'run again to resume'}")


def load(options):
    """The trained autoencoder, with the statistics of its latents in its configuration."""
    model = models.autoencoder(options.preset)
    metadata = loop.load_trained(options, "autoencoder", torch.nn.ModuleDict({"vae": model}))
    model.register_to_config(shift_factor=metadata["shift"], scaling_factor=metadata["scaling"])
    return model.to(options.device)


if __name__ == "__main__":
    main()
