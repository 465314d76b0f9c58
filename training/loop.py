"""The training loop of all stages: resume, train within a time budget, save, exit."""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

import torch

from . import checkpoint
from .config import PRESETS
from .data import ROOT, prefetch
from .optimiser import Average, Optimiser

START_TIME = time.monotonic()
#: Approximate limit of a stage's log lines; each is the mean loss since the previous one.
MAX_LOG_LINES = 200


def arguments(about):
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--preset", type=PRESETS.__getitem__, required=True, metavar="|".join(PRESETS))
    parser.add_argument("--out", type=Path, help="output folder (default: training/out/PRESET)")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--minutes", type=float, default=float("inf"), help="save and exit after this many minutes")
    parser.add_argument("--threads", type=int, help="CPU threads of torch and of the image generator")
    parser.add_argument("--bf16", action="store_true", help="compute in bf16 (autocast)")
    parser.add_argument("--compile", action="store_true", help="compile the trained modules with torch.compile")
    options = parser.parse_args()
    options.out = options.out or ROOT / "training/out" / options.preset.name
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.device == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    return options


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)


def autocast(options):
    return torch.autocast(options.device, torch.bfloat16, enabled=options.bf16)


def generator(options, *numbers):
    """A random generator that depends only on the preset's seed and these numbers, so that runs can resume."""
    seed = options.preset.seed
    for number in numbers:
        seed = (seed * 1_000_003 + number) % 2**63
    return torch.Generator(options.device).manual_seed(seed)


def scale(stage, step):
    """The factor of the learning rate: linear warm-up, constant, linear cool-down to zero."""
    left = (stage.steps - step) / max(1.0, stage.steps * stage.cooldown)
    return min(1.0, (step + 1) / stage.warmup, left)


def train(options, name, modules, rounds, prepare, loss, is_matrix=lambda name: False, metadata=None):
    """Trains `modules` (a ModuleDict) until the stage's steps are done or the time is up.

    `prepare(batch)` runs in a separate thread; `loss(step, prepared)` returns a scalar, or a scalar and
    a dictionary of values for the log. Returns whether all steps are done; the modules then hold the
    averaged weights.
    """
    stage, folder = options.preset.stage(name), options.out / name / "checkpoint"
    state, step, cursor = checkpoint.manifest(folder), 0, None
    parameters = dict(modules.named_parameters())
    optimiser = Optimiser(parameters.items(), stage, is_matrix)
    if state is not None:
        step, cursor = state["step"], state["cursor"]
        restore(folder, parameters, optimiser)
    average = Average(parameters.items(), stage.ema)
    if state is not None:
        copy_tensors(checkpoint.load(folder, "average"), average.values)
    log, first_step = Log(options.out / name / "log.jsonl", stage, step), step
    if step < stage.steps:
        source = rounds.batches(stage.batch, cursor)
        for prepared, cursor in prefetch(source, lambda batch: (prepare(batch), batch.cursor)):
            with autocast(options):
                value = loss(step, prepared)
            value, figures = value if isinstance(value, tuple) else (value, {})
            value.backward()
            optimiser.step(step, scale(stage, step))
            average.update(step)
            step += 1
            log.add(step, {"loss": value.detach(), **figures})
            if step == stage.steps or time.monotonic() - START_TIME > 60 * options.minutes:
                break
        save(folder, step, cursor, parameters, average, optimiser, metadata)
    print(f"{name}: step {step} of {stage.steps}, {step - first_step} in this run", flush=True)
    copy_tensors(average.values, parameters)
    return step == stage.steps


def save(folder, step, cursor, parameters, average, optimiser, metadata):
    groups = {"average": average.values, "weights": parameters, "optimiser": optimiser.tensors()}
    checkpoint.save(folder, groups, {"step": step, "cursor": cursor, **(metadata or {})})


def restore(folder, parameters, optimiser):
    """A packed checkpoint contains only the average; training resumes from it with a new optimiser state."""
    weights, state = checkpoint.load(folder, "weights"), checkpoint.load(folder, "optimiser")
    copy_tensors(checkpoint.load(folder, "average") if weights is None else weights, parameters)
    if state is not None:
        optimiser.restore(state)


@torch.no_grad()
def copy_tensors(source, target):
    if set(source) != set(target):
        raise SystemExit(f"the checkpoint belongs to another model: {sorted(set(source) ^ set(target))[:3]} differ")
    for name, value in target.items():
        value.copy_(source[name])


def load_trained(options, name, modules):
    """Loads a finished or running stage's averaged weights into `modules`; returns its manifest."""
    folder = options.out / name / "checkpoint"
    metadata = checkpoint.manifest(folder)
    if metadata is None:
        raise SystemExit(f"{folder} is missing; run `python -m training.{name}` first")
    copy_tensors(checkpoint.load(folder, "average"), dict(modules.named_parameters()))
    modules.requires_grad_(False).eval()
    return metadata


class Log:
    """Writes a line of JSON at intervals, with the means since the previous line. Appends to existing logs."""

    def __init__(self, path, stage, step):
        self.path, self.stage, self.every = path, stage, max(1, stage.steps // MAX_LOG_LINES)
        self.sums, self.count, self.started = {}, 0, time.monotonic()
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text().splitlines() if path.exists() else []
        path.write_text("".join(f"{line}\n" for line in lines if json.loads(line)["step"] <= step))

    def add(self, step, figures):
        for name, value in figures.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.count += 1
        if step % self.every and step != self.stage.steps:
            return
        line = {"step": step, **{name: round(float(value) / self.count, 6) for name, value in self.sums.items()}}
        line["pictures_per_second"] = round(self.count * self.stage.batch / (time.monotonic() - self.started), 1)
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        if step % (10 * self.every) == 0:
            print(f"{self.path.parent.name}: {line}", flush=True)
        self.sums, self.count, self.started = {}, 0, time.monotonic()


def loss_change(path):
    """The mean loss of the first and the last tenth of a log."""
    losses = [json.loads(line)["loss"] for line in path.read_text().splitlines()]
    tenth = max(1, len(losses) // 10)
    return sum(losses[:tenth]) / tenth, sum(losses[-tenth:]) / tenth


def check_losses():
    """`python -m training.loop FOLDER STAGE…`: fails unless the loss of each stage decreased."""
    folder, *names = sys.argv[1:]
    for name in names:
        first, last = loss_change(Path(folder) / name / "log.jsonl")
        print(f"{name}: loss {first:.4f} -> {last:.4f}")
        if not last < first:
            raise SystemExit(f"{name}: the loss did not decrease")


if __name__ == "__main__":
    check_losses()
