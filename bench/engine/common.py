"""Code shared by the engine's benchmarks: building, installing and running the programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
VENVS = ROOT / ".venvs"
BINARIES = ROOT / "bench/target/release"


def prepare(*, sdcpp=False, candle=False):
    """Builds the drivers and installs PyTorch and, optionally, stable-diffusion.cpp."""

    def run(*command, cwd=ROOT, **variables):
        environment = {**os.environ, **variables}
        subprocess.run(command, cwd=cwd, check=True, stdout=sys.stderr, env=environment)

    run("tests/parity/setup")
    # Built separately, so that cargo does not unify their features.
    for package in ["bench-engine"] + ["peers-candle"] * candle:
        run(*"cargo build --release --locked --quiet --package".split(), package, cwd=ROOT / "bench")
    venv = VENVS / "sdcpp"
    if sdcpp and not (venv / "lib").exists():
        run(VENVS / "torch/bin/python", "-m", "venv", venv)
        # Built from source for this processor: 15 minutes on two cores.
        requirements = HERE / "requirements-sdcpp.txt"
        pip = [venv / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps"]
        run(*pip, "--requirement", requirements, CMAKE_ARGS="-DGGML_NATIVE=ON")


def model(name):
    """The folder of a model of models.py, generated if it does not exist."""
    command = [VENVS / "torch/bin/python", HERE / "models.py", name]
    generated = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Path(generated.stdout.strip().splitlines()[-1])


def measure(command, threads):
    """Runs a program on the first `threads` cores and parses its line of JSON."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LANG": "C.UTF-8"}
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
        environment[name] = str(threads)
    cores = sorted(os.sched_getaffinity(0))[:threads]
    process = subprocess.run(
        list(map(str, command)),
        env=environment,
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    lines = [line for line in process.stdout.splitlines() if line.startswith("{")]
    if not lines:
        sys.exit(f"bench: {' '.join(map(str, command))}\n{process.stdout}{process.stderr}")
    return json.loads(lines[-1])
