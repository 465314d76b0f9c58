"""Stage 6: generates unseen combinations with the exported model and evaluates them with the judge."""

import json

import numpy
from PIL import Image

from . import autoencoder, export, judge, loop, models
from .data import Rounds
from .heldout import combinations, is_unseen
from .questions import Tally

#: The accuracy required to ship the model.
GATE = {"things": 0.95, "colours": 0.97, "counts": 0.90, "relations": 0.90}
#: Images generated at a time.
BATCH = {"cpu": 32, "cuda": 250}


def prompts(options):
    """The first unseen scenes of a fixed round, alternately in English and Russian."""
    preset = options.preset
    expected = preset.evaluation_prompts
    rounds = Rounds(options.out / "images", preset.roles["evaluate"], preset.side, expected * 8, held_out=True)
    packed = rounds.finish(0, rounds.begin(0))
    labels, unseen = rounds.select(packed)
    if len(unseen) < expected:
        raise SystemExit(f"only {len(unseen)} of {len(labels)} scenes are held out, expected {expected}")
    chosen = unseen[:expected]
    texts = [labels[index]["ru" if turn % 2 else "en"] for turn, index in enumerate(chosen)]
    return texts, [labels[index]["scene"] for index in chosen], packed.images[chosen]


def accuracy(options, judge_model, images, scenes):
    tally = Tally()
    for at in range(0, len(scenes), 64):
        part = models.to_range(images[at : at + 64], options.device)
        tally.batch(judge_model, part, scenes[at : at + 64])
    return tally.figures()


def through_autoencoder(options, images):
    """The upper bound for a transformer: the generated images, encoded and decoded."""
    vae, decoded = autoencoder.load(options), []
    for at in range(0, len(images), 64):
        mean = vae.encode(models.to_range(images[at : at + 64], options.device)).latent_dist.mode()
        decoded.append(
            ((vae.decode(mean).sample.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
        )
    return numpy.concatenate(decoded)


def sheet(images, path, columns=8):
    """A contact sheet of the first images."""
    rows = [
        numpy.concatenate(images[at : at + columns], axis=1) for at in range(0, len(images) - columns + 1, columns)
    ]
    Image.fromarray(numpy.concatenate(rows[:columns], axis=0)).save(path)


def main():
    options = loop.arguments(__doc__)
    texts, scenes, generated = prompts(options)
    pipeline, defaults = export.load(options.out / "model", options.device)
    step = BATCH[options.device]
    images = [
        export.draw(pipeline, defaults, texts[at : at + step], range(at, min(at + step, len(texts))))
        for at in range(0, len(texts), step)
    ]
    images = numpy.concatenate(images)
    judge_model = judge.load(options)
    report = {
        "prompts": len(texts),
        "unseen combinations": sum(is_unseen(found) for scene in scenes for found in combinations(scene)),
        "settings": defaults,
        "model": accuracy(options, judge_model, images, scenes),
        "judge on the generated images": accuracy(options, judge_model, generated, scenes),
        "judge on the autoencoder's images": accuracy(
            options, judge_model, through_autoencoder(options, generated), scenes
        ),
    }
    report["gate"] = {name: {"required": minimum, "actual": report["model"][name]} for name, minimum in GATE.items()}
    report["passed"] = all(report["model"][name] >= minimum for name, minimum in GATE.items())
    (options.out / "evaluation.json").write_text(json.dumps(report, indent=1) + "\n")
    sheet(images, options.out / "sheet.png")
    sheet(generated, options.out / "sheet-drawn.png")
    for name in ("model", "judge on the generated images", "judge on the autoencoder's images"):
        print(f"evaluate: {name}: " + ", ".join(f"{figure} {report[name][figure]:.1%}" for figure in GATE))
    print(f"evaluate: {len(texts)} prompts, gate {'passed' if report['passed'] else 'not passed'}")


if __name__ == "__main__":
    main()
