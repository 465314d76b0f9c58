#!/usr/bin/env python
"""Generates pipelines with random weights and the results of diffusers.

  generate.py --small          the committed set, in tests/parity/golden
  generate.py --full FOLDER    the larger set, in FOLDER

An existing set in the folder is removed first. README.md describes the files.
"""

import argparse
import hashlib
import importlib.metadata
import os
import platform
import shutil
import sys
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import diffusers
import torch
import transformers
from diffusers import FluxPipeline
from safetensors.torch import save_file

import cases
import full_set
import gguf_files
import original_names
import quantisers
import reference
import small_set
import standalone_data
import vocabularies
from models import FILE_TYPES, Model, load, write_model
from vocabularies import write_json

# Incremented when a format or a weight changes.
VERSION = 1

LIBRARIES = (
    "torch",
    "diffusers",
    "transformers",
    "tokenizers",
    "sentencepiece",
    "safetensors",
    "gguf",
    "numpy",
)

SUFFIX = {"transformer": "flux", "vae": "ae", "text_encoder_2": "t5-encoder"}


def make_model(model: Model, single_files: cases.SingleFiles, root: Path):
    """Writes the model; returns the single files and their decoded weights."""
    folder = root / "models" / model.name
    write_model(model, folder)
    files: dict[str, str] = {}
    weights = {}
    assert set(single_files) == set(model.single_files)
    for component, file_format in single_files.items():
        stem = f"{model.name}.{SUFFIX[component]}"
        if isinstance(file_format, cases.OriginalFile):
            path = folder.parent / f"{stem}.safetensors"
            weights[component] = write_single(model, component, path, file_format)
        else:
            path = folder.parent / f"{stem}.gguf"
            if component == "transformer":
                weights[component] = gguf_files.write_transformer(model, path, file_format)
            else:
                weights[component] = gguf_files.write_t5(model, folder, path, file_format)
        files[component] = path.relative_to(root).as_posix()
    return files, weights


def write_single(model: Model, component: str, path: Path, file_format: cases.OriginalFile):
    weights = model.weights(component)
    if component == "transformer":
        renamed = original_names.transformer(weights)
        original_names.check(weights, original_names.transformer_back(model, renamed))
    else:
        renamed = original_names.autoencoder(model, weights)
        original_names.check(weights, original_names.autoencoder_back(model, renamed))
    dtype = FILE_TYPES[model.file_type]
    prefix = file_format.prefix
    save_file(
        {prefix + name: value.to(dtype).contiguous() for name, value in renamed.items()}, path
    )
    return weights


def tolerances(case: cases.Case, simulated: dict[str, float] | None) -> dict[str, float]:
    """Relative L2 errors, except for noise and sigmas, which are absolute differences."""
    bf16 = case.dtype == "bf16"
    tolerance = 2e-2 if bf16 else 1e-5
    out = dict.fromkeys(reference.RESULTS, tolerance)
    if simulated:
        # The error of an integer kernel, doubled to allow for a different rounding.
        out = {name: max(1e-5, float(f"{2 * error:.1e}")) for name, error in simulated.items()}
    return out | {"noise": 0.0 if bf16 else 1e-6, "sigmas": 1e-6}


def make_case(case: cases.Case, model: Model, single_files, files, weights, root: Path) -> None:
    dtype = reference.TYPES[case.dtype]
    modules = {name: load(model, name, value).to(dtype) for name, value in weights.items()}
    pipe = FluxPipeline.from_pretrained(
        root / "models" / model.name, dtype=dtype, local_files_only=True, **modules
    )
    pipe.set_progress_bar_config(disable=True)
    if not model.with_encoder:
        pipe.vae.encoder = torch.nn.Identity()  # not in the file and not used
    for name, part in pipe.components.items():
        if isinstance(part, torch.nn.Module):
            assert all(value.dtype == dtype for value in part.parameters()), name

    prompts = list(case.prompts)
    expected = reference.text(pipe, prompts, case.length)
    vocabularies.check(
        root / "models" / model.name, prompts, expected["t5_ids"], expected["clip_ids"]
    )
    noise = reference.noise_for(pipe, case)
    results, times = reference.picture(pipe, case, noise)
    expected |= results
    for name, value in expected.items():
        assert value.isfinite().all(), (case.name, name)

    # The error of the reference relative to a wider type, or to int8 activations.
    integer = [
        name
        for name, file_format in single_files.items()
        if getattr(file_format, "integer", False)
    ]
    if integer:
        against = "int8 activations"
        block = max(single_files[name].block for name in integer)
        with reference.int8_activations(pipe, integer, block):
            other = reference.text(pipe, prompts, case.length)
            other |= reference.picture(pipe, case, noise)[0]
    else:
        wider = torch.float64 if case.dtype == "f32" else torch.float32
        against = str(wider).removeprefix("torch.")
        wide = reference.widened(pipe, wider)
        wide.set_progress_bar_config(disable=True)
        other = reference.text(wide, prompts, case.length)
        other |= reference.picture(wide, case, noise.to(wider), times)[0]
    error = reference.errors(case, expected, other)

    folder = root / "cases" / case.name
    folder.mkdir(parents=True)
    save_file(expected, folder / "expected.safetensors")
    write_json(
        folder / "case.json",
        {
            "name": case.name,
            "about": case.about,
            "model": f"models/{model.name}",
            "files": files,
            "dtype": case.dtype,
            "prompts": prompts,
            "max_sequence_length": case.length,
            "width": case.width,
            "height": case.height,
            "steps": case.steps,
            "seed": case.seed,
            "guidance": case.guidance,
            "tolerances": tolerances(case, error if integer else None),
            "reference_error": {"against": against, **error},
        },
    )
    spread = {
        name: f"{expected[name].float().std():.2f}"
        for name in ("t5_embedding", "velocity_0", "image")
    }
    print(f"  {case.name}: error against {against} {error}, spread {spread}", flush=True)


def write_manifest(root: Path, case_set: cases.CaseSet, kind: str) -> None:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    write_json(
        root / "manifest.json",
        {
            "version": VERSION,
            "set": kind,
            "cases": [case.name for case in case_set.cases],
            "models": {model.name: model.about for model, _ in case_set.models},
            "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
            "made_on": f"{platform.machine()}, {torch.backends.cpu.get_cpu_capability()}",
            "sha256": {
                path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in files
            },
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--small", action="store_true")
    which.add_argument("--full", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    root = arguments.full or Path(__file__).with_name("golden")
    if root.exists() and any(root.iterdir()) and not (root / "manifest.json").exists():
        parser.error(f"{root} exists and does not contain a set; not removing it")
    case_set = full_set.case_set() if arguments.full else small_set.case_set()

    # One thread, for a fixed order of summation; most operations are too small for more anyway.
    torch.set_num_threads(1)
    diffusers.utils.logging.set_verbosity_error()
    transformers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    quantisers.self_check()

    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    standalone_data.write(root)
    for model, single_files in case_set.models:
        print(f"{model.name}: {model.about}", flush=True)
        files, weights = make_model(model, single_files, root)
        for case in case_set.cases:
            if case.model == model.name:
                make_case(case, model, single_files, files, weights, root)
    write_manifest(root, case_set, "full" if arguments.full else "small")
    total = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    print(f"{root}: {total / 1e6:.2f} MB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
