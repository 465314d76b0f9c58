"""A text-to-image Space on real Gradio (4.44, 5 or 6) with endpoints for many kinds of behaviour.

`/infer` has the signature of black-forest-labs/FLUX.1-schnell; each of the other endpoints differs
from it in one way (see README.md). Prints `READY http://127.0.0.1:PORT` once it is ready.
"""

import argparse
import base64
import inspect
import io
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections import defaultdict
from urllib.parse import urlencode

# Gradio reads these on import. They prevent requests to other machines.
FOLDER = tempfile.mkdtemp(prefix="reference-space-")
os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", GRADIO_TEMP_DIR=FOLDER)
for name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)

import gradio as gr  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import JSONResponse, Response  # noqa: E402
from starlette.routing import Route  # noqa: E402

from picture import draw, preview  # noqa: E402

MAX_SEED = 2**31 - 1
MAX_HOLD = 60.0  # seconds before a held call continues without a release
STEP = 0.1  # seconds per step in endpoints with progress; Gradio polls progress every 50 ms

QUOTA = (
    "You have exceeded your GPU quota (60s requested vs. 56s left). "
    '<a style="white-space: nowrap;text-underline-offset: 2px;color: var(--body-text-color)" '
    'href="https://huggingface.co/settings/billing/subscription">Subscribe to Pro</a> '
    "to get 8x more usage quota, or retry in 0:09:48"
)


class CallLog:
    """Counts the outcomes of calls by prompt, and holds and releases them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = defaultdict(lambda: {"started": 0, "finished": 0, "cancelled": 0, "arguments": []})
        self.gates = defaultdict(threading.Event)

    def record(self, prompt, outcome, arguments=None):
        with self.lock:
            for key in (prompt, None):
                self.counts[key][outcome] += 1
                if arguments is not None:
                    self.counts[key]["arguments"] = arguments

    def stats(self, prompt):
        with self.lock:
            return dict(self.counts[prompt])

    def gate(self, prompt):
        with self.lock:
            return self.gates[prompt]


CALLS = CallLog()


def recorded(function):
    """Records that each call started, and whether it finished or was closed early."""
    names = [name for name in inspect.signature(function).parameters if name != "progress"]

    def begin(arguments):
        CALLS.record(arguments[0], "started", dict(zip(names, arguments)))

    def end(arguments, finished):
        CALLS.record(arguments[0], "finished" if finished else "cancelled")

    if inspect.isgeneratorfunction(function):

        def wrapper(*arguments):
            begin(arguments)
            finished = False
            try:
                yield from function(*arguments)
                finished = True
            except Exception:
                finished = True
                raise
            finally:
                end(arguments, finished)

    else:

        def wrapper(*arguments):
            begin(arguments)
            try:
                return function(*arguments)
            finally:
                end(arguments, True)

    # Gradio reads names, defaults and `gr.Progress` from the signature.
    wrapper.__name__ = function.__name__
    wrapper.__signature__ = inspect.signature(function)
    return wrapper


def resolve(seed, randomize_seed):
    return random.randint(0, MAX_SEED) if randomize_seed else int(seed)


def paint(prompt, seed, width, height):
    return draw(prompt, seed, int(width), int(height))


def infer(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    seed = resolve(seed, randomize_seed)
    return paint(prompt, seed, width, height), seed


def infer_progress(
    prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4, progress=gr.Progress()
):
    wait = threading.Event()
    for step in range(1, int(num_inference_steps) + 1):
        progress((step, int(num_inference_steps)), desc="Denoising", unit="steps")
        wait.wait(STEP)
    return infer(prompt, seed, randomize_seed, width, height)


def infer_previews(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    seed, steps = resolve(seed, randomize_seed), int(num_inference_steps)
    picture = paint(prompt, seed, width, height)
    wait = threading.Event()
    for step in range(1, steps):
        yield preview(picture, step, steps), seed
        wait.wait(STEP)
    yield picture, seed


def infer_previews_error(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    seed = resolve(seed, randomize_seed)
    yield preview(paint(prompt, seed, width, height), 1, 2), seed
    threading.Event().wait(STEP)
    raise gr.Error("The canvas tore after the first preview")


def infer_held(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    CALLS.gate(prompt).wait(MAX_HOLD)
    return infer(prompt, seed, randomize_seed, width, height)


def infer_held_previews(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    seed, gate = resolve(seed, randomize_seed), CALLS.gate(prompt)
    picture = paint(prompt, seed, width, height)
    steps = int(MAX_HOLD / STEP)
    for step in range(1, steps):
        yield preview(picture, step, steps), seed
        if gate.wait(STEP):
            break
    yield picture, seed


def infer_logs(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    gr.Info("Mixing the <b>paint</b>")
    gr.Warning("The blue is running low")
    return infer(prompt, seed, randomize_seed, width, height)


def infer_error(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    raise gr.Error("The model is out of paint")


def infer_quota(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    raise gr.Error(QUOTA)


def infer_exception(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    raise ValueError("the brush broke")


def infer_null(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    return None, resolve(seed, randomize_seed)


def infer_gallery(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    seed = resolve(seed, randomize_seed)
    return [(paint(prompt, seed + index, width, height), f"number {index}") for index in range(2)], seed


def infer_data_url(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    picture, seed = infer(prompt, seed, randomize_seed, width, height)
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode(), seed


def infer_http_url(prompt, seed=42, randomize_seed=False, width=1024, height=1024, num_inference_steps=4):
    seed = resolve(seed, randomize_seed)
    query = urlencode({"prompt": prompt, "seed": seed, "width": int(width), "height": int(height)})
    return f"{ORIGIN}/picture?{query}", seed


def infer_guided(
    prompt,
    negative_prompt="",
    seed=42,
    randomize_seed=False,
    width=1024,
    height=1024,
    guidance_scale=4.5,
    num_inference_steps=40,
):
    return infer(f"{prompt}|{negative_prompt}|{guidance_scale:g}", seed, randomize_seed, width, height)


def infer_other(text, neg, cfg=3.5, num_steps=8, img_w=512, img_h=512, style="oil"):
    return paint(f"{text}|{neg}|{cfg:g}|{num_steps:g}|{style}", 0, img_w, img_h)


SAME_SIGNATURE = (
    infer_progress, infer_previews, infer_previews_error, infer_held, infer_held_previews, infer_logs,
    infer_error, infer_quota, infer_exception, infer_null,
)  # fmt: skip


def png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def constant():
    """`/infer` for benchmarks, which returns one 256² picture that is already encoded."""
    path = os.path.join(FOLDER, "constant.png")
    draw("constant", 0, 256, 256).save(path)

    def infer(prompt, seed=42, randomize_seed=False, width=256, height=256, num_inference_steps=4):
        return path, int(seed)

    return infer


def build(options):
    """Builds one app with all endpoints, each the event of a hidden button."""
    with gr.Blocks(title="reference space", analytics_enabled=False) as demo:
        prompt = gr.Text(label="Prompt", show_label=False, max_lines=1, placeholder="Enter your prompt")
        negative = gr.Text(label="Negative prompt", max_lines=1)
        result = gr.Image(label="Result", show_label=False, format=options.format)
        gallery, address = gr.Gallery(label="Results", format=options.format), gr.Textbox(label="Address")
        seed = gr.Slider(label="Seed", minimum=0, maximum=MAX_SEED, step=1, value=0)
        randomize = gr.Checkbox(label="Randomize seed", value=True)
        sizes = {"minimum": options.min_size, "maximum": 2048, "step": options.size_step}
        width = gr.Slider(label="Width", value=1024, **sizes)
        height = gr.Slider(label="Height", value=1024, **sizes)
        guidance = gr.Slider(label="Guidance scale", minimum=0.0, maximum=7.5, step=0.1, value=4.5)
        steps = gr.Slider(label="Number of inference steps", minimum=1, maximum=50, step=1, value=4)
        style = gr.Dropdown(label="Style", choices=["oil", "ink", "chalk"], value="oil")
        text = gr.Text(label="What to paint")

        def endpoint(function, inputs, outputs, call=None):
            gr.Button(function.__name__, visible=False).click(
                call or recorded(function), inputs, outputs, api_name=function.__name__
            )

        inputs = [prompt, seed, randomize, width, height, steps]
        if options.zero_cost:
            function = constant()
            endpoint(function, inputs, [result, seed], call=function)
        else:
            endpoint(infer, inputs, [result, seed])
        for function in SAME_SIGNATURE:
            endpoint(function, inputs, [result, seed])
        endpoint(infer_gallery, inputs, [gallery, seed])
        endpoint(infer_data_url, inputs, [address, seed])
        endpoint(infer_http_url, inputs, [address, seed])
        guided_inputs = [prompt, negative, seed, randomize, width, height, guidance, steps]
        endpoint(infer_guided, guided_inputs, [result, seed])
        endpoint(infer_other, [text, negative, guidance, steps, width, height, style], result)
        # A dependency hidden from the API; Gradio 4 marks it with `api_name=False`.
        clear = gr.Button("Clear").click
        has_visibility = "api_visibility" in inspect.signature(clear).parameters
        hidden = {"api_visibility": "private"} if has_visibility else {"api_name": False}
        clear(lambda: None, None, result, **hidden)
    return demo.queue(max_size=options.max_size, default_concurrency_limit=options.concurrency)


def picture_route(request: Request):
    query = request.query_params
    picture = draw(query["prompt"], int(query["seed"]), int(query["width"]), int(query["height"]))
    return Response(png(picture), media_type="image/png")


def stats_route(request: Request):
    return JSONResponse(CALLS.stats(request.query_params.get("prompt")))


def release_route(request: Request):
    CALLS.gate(request.query_params["prompt"]).set()
    return JSONResponse({})


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def launch(demo, options):
    """Starts the server and returns its address. Retries if another process takes the free port."""
    settings = {
        "server_name": "127.0.0.1", "prevent_thread_lock": True, "quiet": True, "share": False,
        "show_error": options.show_error, "root_path": options.root_path, "ssr_mode": False,
        "ssl_certfile": options.tls and options.tls[0], "ssl_keyfile": options.tls and options.tls[1],
        "ssl_verify": False,
        "auth": tuple(options.login.split(":", 1)) if options.login else None,
    }  # fmt: skip
    supported = inspect.signature(demo.launch).parameters
    settings = {name: value for name, value in settings.items() if name in supported}
    for attempt in range(20):
        port = options.port or free_port()
        try:
            app, _, _ = demo.launch(server_port=port, **settings)
        except OSError:
            if options.port or attempt == 19:
                raise
            continue
        # Inserted before Gradio's routes, one of which matches every path; they need no login.
        app.router.routes[:0] = [
            Route("/stats", stats_route),
            Route("/picture", picture_route),
            Route("/release", release_route, methods=["POST"]),
        ]
        return f"{'https' if options.tls else 'http'}://127.0.0.1:{port}"


def shut_down(*_):
    shutil.rmtree(FOLDER, ignore_errors=True)
    os._exit(0)


def wait_for_stdin_to_close():
    while sys.stdin.buffer.read(1024):
        pass
    shut_down()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="default: any free port")
    parser.add_argument("--min-size", type=int, default=32, help="minimum width and height (FLUX.1-schnell: 256)")
    parser.add_argument("--size-step", type=int, default=8, help="step of width and height (FLUX.1-schnell: 32)")
    parser.add_argument("--format", default="webp", choices=["webp", "png", "jpeg"], help="picture format")
    parser.add_argument("--max-size", type=int, help="queue size; default: no limit")
    parser.add_argument("--concurrency", type=int, default=16, help="concurrent calls per endpoint")
    parser.add_argument("--login", metavar="USER:PASSWORD")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"), help="serve https with these PEM files")
    parser.add_argument("--root-path", metavar="/PATH", help="the path at which a reverse proxy serves the app")
    parser.add_argument("--show-error", action="store_true", help="show exception messages to callers")
    parser.add_argument("--zero-cost", action="store_true", help="/infer returns one precomputed 256² PNG")
    parser.add_argument("--exit-with-stdin", action="store_true", help="exit when standard input closes")
    return parser.parse_args()


if __name__ == "__main__":
    OPTIONS = arguments()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, shut_down)
    # Gradio sometimes prints to stdout; only the READY line belongs there.
    stdout, sys.stdout = sys.stdout, sys.stderr
    ORIGIN = launch(build(OPTIONS), OPTIONS)
    print("READY", ORIGIN, file=stdout, flush=True)
    if OPTIONS.exit_with_stdin:
        wait_for_stdin_to_close()
    threading.Event().wait()
