"""Moves a run between machines: packs the averaged weights in f16, tokenizers and logs into a few files.

  python -m training.transfer pack RUN FOLDER      writes FOLDER/run.000, run.001, … of at most 15 MiB
  python -m training.transfer unpack FOLDER RUN    restores RUN from FOLDER

An unpacked stage resumes from its averaged weights with a new optimiser state, so it is not identical
to an uninterrupted run, but needs a fifth of the bytes.
"""

import io
import json
import sys
import tarfile
import tempfile
from pathlib import Path

import torch

from . import checkpoint

FILE = 15 * 2**20


def pack(run, folder):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz", compresslevel=1) as archive, tempfile.TemporaryDirectory() as light:
        for path in sorted(run.glob("*/checkpoint")):
            metadata, average = checkpoint.manifest(path), checkpoint.load(path, "average")
            half = {name: value.to(torch.float16) for name, value in average.items()}
            target = Path(light) / path.parent.name
            metadata = {name: value for name, value in metadata.items() if name != "groups"}
            checkpoint.save(target, {"average": half}, metadata)
            archive.add(target, path.relative_to(run))
        for path in [*run.glob("*/log.jsonl"), *run.glob("tokenizers/*/*"), *run.glob("evaluation.json")]:
            archive.add(path, path.relative_to(run))
    folder.mkdir(parents=True, exist_ok=True)
    packed = data.getvalue()
    for number, at in enumerate(range(0, len(packed), FILE)):
        (folder / f"run.{number:03}").write_bytes(packed[at : at + FILE])
    print(f"transfer: {len(packed) / 2**20:.1f} MiB in {number + 1} files")


def unpack(folder, run):
    parts = sorted(folder.glob("run.[0-9][0-9][0-9]"))
    if not parts:
        raise SystemExit(f"{folder} does not contain run.000")
    run.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(b"".join(part.read_bytes() for part in parts))) as archive:
        archive.extractall(run, filter="data")
    steps = {
        path.parent.name: json.loads((path / "manifest.json").read_text())["step"] for path in run.glob("*/checkpoint")
    }
    print(f"transfer: unpacked {steps}")


def main():
    verbs = {"pack": pack, "unpack": unpack}
    if len(sys.argv) != 4 or sys.argv[1] not in verbs:
        raise SystemExit(__doc__)
    verbs[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))


if __name__ == "__main__":
    main()
