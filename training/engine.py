"""Generates images from the exported folder with the engine and diffusers, and fails if they differ."""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
from PIL import Image

from . import export

# Both round to 256 levels, so values at a boundary may differ.
TOLERANCE = 5e-3


def engine_image(command, folder, prompt, seed):
    """The image of the command `fluxhop`, whose provider `local` uses `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        settings = f'[providers.local]\nkind = "local"\nweights = "{folder.resolve()}"\n'
        (scratch / "fluxhop.toml").write_text(settings, encoding="utf-8")
        image = scratch / "image.png"
        arguments = ["--quiet", "--provider", "local", "--seed", str(seed), "--output", str(image), prompt]
        subprocess.run([command.resolve(), *arguments], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
        return numpy.asarray(Image.open(image).convert("RGB"), numpy.float64) / 255


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", type=pathlib.Path, help="the command fluxhop")
    parser.add_argument("folder", type=pathlib.Path, help="the exported folder")
    options = parser.parse_args()
    pipeline, defaults = export.load(options.folder)
    worst = 0.0
    for seed, prompt in enumerate(["a red cat on a meadow", "two blue boats at night"]):
        theirs = numpy.asarray(export.draw(pipeline, defaults, [prompt], [seed])[0], numpy.float64) / 255
        ours = engine_image(options.command, options.folder, prompt, seed)
        worst = max(worst, numpy.linalg.norm(ours - theirs) / numpy.linalg.norm(theirs))
    print(f"engine: relative L2 from diffusers {worst:.1e} (at most {TOLERANCE:.0e})")
    if not worst <= TOLERANCE:
        sys.exit("engine: the images differ")


if __name__ == "__main__":
    main()
