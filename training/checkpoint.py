"""Checkpoints: a folder of safetensors parts of at most 16 MiB each, replaced together."""

import json
import os
import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file

#: The largest file, in bytes, including the header.
MAX_PART_BYTES = 16 * 2**20 - 2**17


def parts(tensors):
    """Splits named tensors into dictionaries that each fit a file, ordered by name."""
    part, size = {}, 0
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        length = tensor.numel() * tensor.element_size()
        if length > MAX_PART_BYTES:
            raise ValueError(f"{name}: {length} bytes exceed the limit of a part, {MAX_PART_BYTES}")
        if part and size + length > MAX_PART_BYTES:
            yield part
            part, size = {}, 0
        part[name] = tensor
        size += length
    yield part


def save(folder, groups, metadata):
    """Writes named groups of tensors and JSON metadata. The previous checkpoint is kept until all is written."""
    folder = Path(folder)
    new, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    names = {}
    for group, tensors in groups.items():
        names[group] = []
        for number, part in enumerate(parts(tensors)):
            name = f"{group}-{number:03}.safetensors"
            save_file(part, new / name)
            names[group].append(name)
    (new / "manifest.json").write_text(json.dumps({**metadata, "groups": names}, indent=1))
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(new, folder)
    shutil.rmtree(old, ignore_errors=True)


def manifest(folder):
    """The metadata of a checkpoint, or None if it does not exist."""
    folder = Path(folder)
    old = folder.with_name(folder.name + ".old")
    if not folder.exists() and old.exists():  # a save was interrupted between its two renames
        os.replace(old, folder)
    path = folder / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else None


def load(folder, group, device="cpu"):
    """The tensors of a group, or None if the checkpoint does not contain it."""
    metadata = manifest(folder)
    if metadata is None or group not in metadata["groups"]:
        return None
    tensors = {}
    for name in metadata["groups"][group]:
        tensors.update(load_file(Path(folder) / name, device=str(device)))
    return tensors


def annotate(folder, metadata):
    """Adds metadata to an existing checkpoint."""
    path = Path(folder) / "manifest.json"
    new = path.with_suffix(".new")
    new.write_text(json.dumps({**manifest(folder), **metadata}, indent=1))
    os.replace(new, path)
