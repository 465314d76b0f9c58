"""The reference Space, and the arguments with which the benchmarks run the command."""

import contextlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENVS = ROOT / ".venvs"
PROMPT = "a cat wearing a hat"


def fluxhop_arguments(url, out, images, concurrency):
    """Returns fluxhop's arguments; writes a fluxhop.toml that points `voodoohop` at the local Space."""
    Path("fluxhop.toml").write_text(f'[providers.voodoohop]\nkind = "space"\nurl = "{url}"\n')
    shared = ["--provider", "voodoohop", "--size", "256x256", "--steps", "4", "--seed", "7"]
    if images == 1:
        return [*shared, "--output", str(out / "0.png"), PROMPT]
    Path("prompts.txt").write_text("".join(f"{PROMPT} {number}\n" for number in range(images)))
    Path("prompts.txt.done.jsonl").unlink(missing_ok=True)
    return [*shared, "--output", f"{out}/", "--batch", "prompts.txt", "--jobs", str(concurrency)]


@contextlib.contextmanager
def space(concurrency):
    """Starts a Gradio 6 Space that returns a precomputed image; it exits when this process does."""
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
