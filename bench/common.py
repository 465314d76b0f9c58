"""The reference Space, and how the benchmarks call the command."""

import contextlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENVS = ROOT / ".venvs"
PROMPT = "a cat wearing a hat"


def fluxhop_arguments(url, out, pictures, concurrency):
    """fluxhop's arguments; writes a fluxhop.toml that points `voodoohop` at the local Space."""
    Path("fluxhop.toml").write_text(f'[providers.voodoohop]\nkind = "space"\nurl = "{url}"\n')
    same = ["--provider", "voodoohop", "--size", "256x256", "--steps", "4", "--seed", "7"]
    if pictures == 1:
        return [*same, "--output", str(out / "0.png"), PROMPT]
    Path("prompts.txt").write_text("".join(f"{PROMPT} {number}\n" for number in range(pictures)))
    Path("prompts.txt.done.jsonl").unlink(missing_ok=True)
    return [*same, "--output", f"{out}/", "--batch", "prompts.txt", "--jobs", str(concurrency)]


@contextlib.contextmanager
def space(concurrency):
    """A Gradio 6 Space that returns a precomputed picture; it exits when this process does."""
    command = [VENVS / "gradio6/bin/python", ROOT / "tests/peers/reference_space.py"]
    command += ["--zero-cost", "--exit-with-stdin", "--concurrency", str(concurrency)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        ready, _, url = server.stdout.readline().strip().partition(" ")
        if ready != "READY":
            sys.exit("bench: the Space did not start")
        yield url
    finally:
        server.stdin.close()
        server.wait()
