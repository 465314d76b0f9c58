"""Two real forward proxies with the same password: HTTP (proxy.py) and SOCKS5 (tiny-proxy).

Prints `READY http://127.0.0.1:PORT socks5://127.0.0.1:PORT`, then one line for each authorized
connection, `http HOST:PORT` or `socks5 HOST:PORT`, so that a test can check that its traffic went
through the proxy.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys

import anyio
from proxy import Proxy
from proxy.http.proxy import HttpProxyBasePlugin
from tiny_proxy import Socks5ProxyHandler


def report(*fields):
    """Prints a line in one write, so that the lines of concurrent processes do not interleave."""
    os.write(1, (" ".join(fields) + "\n").encode())


class LogHttp(HttpProxyBasePlugin):
    """Called after authentication, before proxy.py connects to the host."""

    def before_upstream_connection(self, request):
        report("http", f"{request.host.decode()}:{request.port}")
        return request


class LogSocks(logging.Handler):
    """tiny-proxy logs a connection as `CONNECT LOCAL -> ('HOST', PORT)` before it opens it."""

    def emit(self, record):
        message = record.getMessage()
        if message.startswith("CONNECT "):
            host, port = message.rpartition(" -> ")[2].strip("()").split(", ")
            report("socks5", f"{host.strip(chr(39))}:{port}")


async def serve(http_port, login):
    handler = Socks5ProxyHandler(*(login.split(":", 1) if login else (None, None)))
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    serving = asyncio.create_task(listener.serve(handler.handle))
    report("READY", f"http://127.0.0.1:{http_port}", f"socks5://127.0.0.1:{port}")
    if OPTIONS.exit_with_stdin:
        loop.run_in_executor(None, lambda: (sys.stdin.buffer.read(), loop.call_soon_threadsafe(stop.set)))
    await stop.wait()
    serving.cancel()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--login", metavar="USER:PASSWORD", help="required by both proxies; default: none")
    parser.add_argument("--exit-with-stdin", action="store_true", help="exit when standard input closes")
    return parser.parse_args()


if __name__ == "__main__":
    OPTIONS = arguments()
    socks = logging.getLogger("tiny_proxy")
    socks.setLevel(logging.INFO)
    socks.addHandler(LogSocks())
    flags = ["--hostname=127.0.0.1", "--port=0", "--num-acceptors=1", "--num-workers=1", "--log-level=ERROR"]
    flags.append("--timeout=120")  # idle timeout in seconds
    if OPTIONS.login:
        flags.append(f"--basic-auth={OPTIONS.login}")
    with Proxy(flags, plugins=[LogHttp]) as proxy:
        asyncio.run(serve(proxy.flags.port, OPTIONS.login))
