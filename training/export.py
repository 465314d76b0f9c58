"""Stage 5: exports a diffusers folder in f16, in the layout of FLUX.1-schnell, then loads and tests it."""

import json
import shutil

import numpy
import torch
from diffusers import FluxPipeline
from diffusers.utils.logging import disable_progress_bar
from safetensors.torch import load_file, save_file
from transformers import CLIPTokenizer, T5TokenizerFast

from . import autoencoder, checkpoint, flow, loop, models

#: Read by the engine. diffusers ignores this file.
DEFAULTS = "generation_config.json"


def write(options, folder):
    preset, out = options.preset, options.out
    modules = flow.build(preset)
    loop.load_trained(options, "flow", modules)
    if checkpoint.manifest(out / "distill/checkpoint") is not None:
        loop.load_trained(options, "distill", torch.nn.ModuleDict({"transformer": modules["transformer"]}))
    pipeline = FluxPipeline(
        scheduler=models.scheduler(preset),
        vae=autoencoder.load(options).to("cpu", memory_format=torch.contiguous_format),
        text_encoder=modules["clip"],
        tokenizer=CLIPTokenizer.from_pretrained(out / "tokenizers/tokenizer"),
        text_encoder_2=modules["t5"],
        tokenizer_2=T5TokenizerFast.from_pretrained(out / "tokenizers/tokenizer_2"),
        transformer=modules["transformer"],
    )
    for part in (pipeline.vae, pipeline.text_encoder, pipeline.text_encoder_2, pipeline.transformer):
        part.to(torch.float16)
    pipeline.save_pretrained(folder)
    match_published_layout(folder, out / "tokenizers")
    defaults = {
        "num_inference_steps": preset.steps,
        "guidance_scale": preset.guidance,
        "max_sequence_length": preset.text_length,
        "height": preset.side,
        "width": preset.side,
    }
    (folder / DEFAULTS).write_text(json.dumps(defaults, indent=2) + "\n")
    return pipeline


def match_published_layout(folder, tokenizers):
    """Adapts what current libraries write to FLUX.1-schnell's files; the libraries read both."""
    shutil.copytree(tokenizers, folder, dirs_exist_ok=True)
    path = folder / "model_index.json"
    index = {name: value for name, value in json.loads(path.read_text()).items() if value != [None, None]}
    index["tokenizer_2"] = ["transformers", "T5TokenizerFast"]
    path.write_text(json.dumps(index, indent=2) + "\n")
    path = folder / "text_encoder/model.safetensors"
    names = {
        name if name.startswith("text_model.") else f"text_model.{name}": value
        for name, value in load_file(path).items()
    }
    save_file(names, path, metadata={"format": "pt"})


def check_weights(written, loaded):
    """Fails unless every weight was loaded: loaders initialise missing weights at random."""
    for part in ("vae", "text_encoder", "text_encoder_2", "transformer"):
        before, after = getattr(written, part).state_dict(), getattr(loaded, part).state_dict()
        for name, value in before.items():
            if not torch.equal(value.float(), after[name].cpu()):
                raise SystemExit(f"export: {part}'s {name} differs from the written weights")


def load(folder, device="cpu"):
    """The pipeline, loaded in f32, and its recommended parameters."""
    disable_progress_bar()
    pipeline = FluxPipeline.from_pretrained(folder, dtype=torch.float32, low_cpu_mem_usage=False).to(device)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline, json.loads((folder / DEFAULTS).read_text())


def draw(pipeline, defaults, prompts, seeds, **changes):
    """Images as bytes, [n, height, width, 3]. Each depends only on its own seed."""
    noise = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    settings = {**defaults, **changes}
    images = pipeline(prompt=list(prompts), generator=noise, output_type="np", **settings).images
    return (numpy.clip(images, 0, 1) * 255).round().astype("uint8")


def main():
    options = loop.arguments(__doc__)
    folder, new = options.out / "model", options.out / "model.new"
    loop.remove(new)
    written = write(options, new)
    pipeline, defaults = load(new)
    check_weights(written, pipeline)
    image = draw(pipeline, defaults, ["a red cat in a blue hat"], [1])[0]
    spread = image.reshape(-1, 3).std(axis=0).max()
    size = sum(path.stat().st_size for path in new.rglob("*") if path.is_file())
    if spread < 1:
        raise SystemExit(f"export: the image has only one colour (deviation {spread:.2f} of 255)")
    loop.remove(folder)
    new.rename(folder)
    print(f"export: {folder}, {size / 1e6:.2f} MB; diffusers generates {image.shape} of deviation {spread:.1f}")


if __name__ == "__main__":
    main()
