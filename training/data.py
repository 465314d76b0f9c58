"""Endless training images, generated in rounds with new seeds while the previous round is used."""

import json
import os
import queue
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy

from .heldout import is_held_out
from .packed import Packed

ROOT = Path(__file__).resolve().parent.parent


def sketch_dataset_path():
    """The path of `sketch-dataset`: `SKETCH_DATASET`, or cargo's output."""
    path = Path(os.environ.get("SKETCH_DATASET", ROOT / "target/release/sketch-dataset"))
    if not path.exists():
        raise SystemExit(f"{path} is missing; run `cargo build --release -p fluxhop-sketch --bin sketch-dataset`")
    return path


@dataclass(frozen=True)
class Batch:
    """Images as bytes, [batch, height, width, 3], their labels, and the cursor of the next batch."""

    images: numpy.ndarray
    labels: list
    cursor: dict


class Rounds:
    """The images of a role. They depend only on the role, round and count."""

    def __init__(self, folder, role, side, count, passes=1, held_out=False, threads=None):
        """`held_out`: False keeps the scenes for training, True the held-out ones, None all."""
        self.folder, self.role, self.side, self.count = Path(folder), role, side, count
        self.passes, self.held_out, self.threads = passes, held_out, threads

    def path(self, number):
        return self.folder / f"{self.role}-{number}-{self.side}-{self.count}.skt"

    def begin(self, number):
        """Starts generating a round; `finish` waits for it. None if the round exists."""
        path = self.path(number)
        if path.exists():
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sketch_dataset_path(), "--out", f"{path}.part", "--count", self.count, "--size", self.side]
        command += ["--seed", (self.role << 32) + number]
        if self.threads:
            command += ["--threads", self.threads]
        return subprocess.Popen([str(argument) for argument in command])

    def finish(self, number, process):
        path = self.path(number)
        if process is not None:
            if process.wait() != 0:
                raise SystemExit(f"{sketch_dataset_path()} failed to generate {path}")
            os.replace(f"{path}.part", path)
        return Packed(path)

    def select(self, packed):
        """The labels of a round, and the indices of the images for this role."""
        labels = [json.loads(line) for line in packed.lines]
        if self.held_out is None:
            return labels, numpy.arange(len(labels))
        selected = [number for number, label in enumerate(labels) if is_held_out(label["scene"]) == self.held_out]
        return labels, numpy.array(selected)

    def batches(self, size, cursor=None):
        """Endless batches from `cursor` on; each pass over a round has a different order."""
        cursor = dict(cursor or {"round": 0, "at": 0})
        process = self.begin(cursor["round"])
        try:
            while True:
                number = cursor["round"]
                packed, process = self.finish(number, process), None
                process = self.begin(number + 1)
                labels, indices = self.select(packed)
                if len(indices) < size:
                    raise SystemExit(
                        f"a round of {self.count} has {len(indices)} usable images, fewer than a batch of {size}"
                    )
                batches_per_pass = len(indices) // size
                while cursor["at"] < batches_per_pass * self.passes:
                    pass_number, first = divmod(cursor["at"], batches_per_pass)
                    order = numpy.random.default_rng([self.role, number, pass_number]).permutation(indices)
                    for step in range(first, batches_per_pass):
                        chosen = numpy.sort(order[step * size : (step + 1) * size])
                        cursor["at"] += 1
                        yield Batch(packed.images[chosen], [labels[index] for index in chosen], dict(cursor))
                cursor.update(round=number + 1, at=0)
                self.path(number).unlink()
        finally:
            if process is not None:
                process.terminate()
                process.wait()


def prefetch(batches, prepare, depth=3):
    """Applies `prepare` to each batch in a thread, `depth` batches ahead."""
    ready, stop = queue.Queue(depth), threading.Event()

    def put(item):
        while not stop.is_set():
            try:
                return ready.put(item, timeout=0.1)
            except queue.Full:
                continue

    def work():
        try:
            for batch in batches:
                put((prepare(batch), None))
                if stop.is_set():
                    return
        except BaseException as error:  # passed to the waiting thread
            put((None, error))
        finally:
            batches.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if error is not None:
                raise error
            yield item
    finally:
        stop.set()
        thread.join()
