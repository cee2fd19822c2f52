"""A kernel under measurement: launched as Jupyter launches it, spoken to over ZeroMQ."""

import os
import random
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from queue import Empty

import psutil
import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

# When to give up on a kernel that hangs.
TIMEOUT_S = 60

# When to give up on one that does not even start.
START_S = 20


class NoStart(Exception):
    """The kernel did not answer its first request: stock tslab loses it, and itself, where a client
    is connected before all of its sockets are bound."""


def free_ports():
    """Ports below those that the system gives to clients.

    A client that tries again and again to reach a port of its own range may be given that very
    port, and is then connected to itself.
    """
    channels = ["shell", "iopub", "stdin", "control", "hb"]
    ports = {}
    while len(ports) < len(channels):
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports.values():
            ports[f"{channels[len(ports)]}_port"] = port
    return ports


class Kernel:
    """`spec` is a kernelspec's argv, env and interrupt_mode, and the folder to start in."""

    def __init__(self, spec, transport="tcp"):
        self.spec = spec
        self.folder = tempfile.TemporaryDirectory()
        ip = os.path.join(self.folder.name, "k") if transport == "ipc" else "127.0.0.1"
        self.file, _ = write_connection_file(
            os.path.join(self.folder.name, "connection.json"),
            ip=ip,
            transport=transport,
            key=secrets.token_hex().encode(),
            **free_ports(),
        )
        context = zmq.Context()
        # A client that tries again every 100 ms would round what a kernel takes to start.
        context.setsockopt(zmq.RECONNECT_IVL, 1)
        context.setsockopt(zmq.LINGER, 0)
        self.client = BlockingKernelClient(connection_file=self.file, context=context)
        self.client.load_connection_file()
        # Its heartbeat would call a kernel that is slow to start dead.
        self.client.start_channels(hb=False)
        self.terminal = tempfile.TemporaryFile("w+")
        self.launched = time.perf_counter()
        self.process = subprocess.Popen(
            [part.replace("{connection_file}", self.file) for part in spec["argv"]],
            cwd=spec["cwd"],
            env={**os.environ, **spec["env"], "JPY_PARENT_PID": str(os.getpid())},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=self.terminal,
            stderr=self.terminal,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.stop_channels()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.folder.cleanup()

    def started(self):
        """Waits for the first answer."""
        if self.reply(self.client.kernel_info(), timeout=START_S) is None:
            raise NoStart(f"no answer to kernel_info in {START_S} s; it printed:\n{self.printed()}")

    def ready(self):
        """Waits until the kernel answers and its output is heard."""
        self.started()
        while not list(self.published(0.3)):
            self.started()

    def printed(self):
        """What the kernel wrote to the terminal so far."""
        self.terminal.seek(0)
        return self.terminal.read()

    def milliseconds(self):
        """Since the launch."""
        return 1000 * (time.perf_counter() - self.launched)

    def interrupt(self):
        if self.spec["interrupt_mode"] == "message":
            self.client.session.send(
                self.client.control_channel.socket, "interrupt_request", content={}
            )
        else:
            os.killpg(self.process.pid, signal.SIGINT)

    def reply(self, message_id, channel="shell", timeout=TIMEOUT_S):
        """The content of the reply, or None when none comes in time."""
        get = getattr(self.client, f"get_{channel}_msg")
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            try:
                message = get(timeout=left)
            except Empty:
                return None
            if message["parent_header"].get("msg_id") == message_id:
                return message["content"]
        return None

    def published(self, silence):
        """Everything published until nothing comes for `silence` seconds."""
        while True:
            try:
                yield self.client.get_iopub_msg(timeout=silence)
            except Empty:
                return

    def until_idle(self, message_id, silence=TIMEOUT_S):
        """What a request published; the last is its idle status, unless silence came first."""
        for message in self.published(silence):
            if message["parent_header"].get("msg_id") != message_id:
                continue
            yield message
            if message["content"].get("execution_state") == "idle":
                return

    def run(self, code, timeout=TIMEOUT_S):
        return self.reply(self.client.execute(code), timeout=timeout)

    def memory_mib(self):
        """Resident memory of the process and its children."""
        process = psutil.Process(self.process.pid)
        family = [process, *process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family) / 2**20
