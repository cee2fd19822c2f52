"""Measure one thing of one kernel: measure.py JSON, where the JSON is {"task", "kernel", "language"}
and what the task takes. The last line of the output is the figure, as JSON.
"""

import json
import statistics
import sys
import time

from cells import CELLS, COST, LINE, LINES, LOOPS
from client import Kernel, NoStart

# How long to wait for what may never come.
PATIENCE_S = 8

# Launches of a kernel that does not start.
LAUNCHES = 5


def launch(ask, _):
    """Milliseconds from the launch to kernel_info and to the first cell's reply, and memory."""
    with Kernel(ask["kernel"]) as kernel:
        kernel.started()
        info = kernel.milliseconds()
        time.sleep(ask["idle"])
        asked = kernel.milliseconds()
        reply = kernel.run(ask["code"]) or {"status": "none"}
        replied = kernel.milliseconds()
        if reply["status"] != "ok":
            return None
        time.sleep(1)
        return {
            "info": info,
            "reply": replied,
            "cell": replied - asked,
            "memoryMiB": kernel.memory_mib(),
        }


def control(ask, cells):
    """Milliseconds until a request on control is answered while a cell computes for 3 s."""
    with Kernel(ask["kernel"]) as kernel:
        kernel.ready()
        kernel.run(cells["small"])
        kernel.client.execute(cells["loop"])
        time.sleep(0.5)
        session = kernel.client.session
        message = session.msg("kernel_info_request", {})
        sent = kernel.milliseconds()
        session.send(kernel.client.control_channel.socket, message)
        if kernel.reply(message["header"]["msg_id"], "control", PATIENCE_S) is None:
            return None
        return kernel.milliseconds() - sent


def lines(ask, cells):
    """What arrives of the lines that a cell prints."""
    with Kernel(ask["kernel"]) as kernel:
        kernel.ready()
        text, idle = [], False
        for message in kernel.until_idle(kernel.client.execute(cells["lines"]), PATIENCE_S):
            if message["msg_type"] == "stream":
                text.append(message["content"]["text"])
            idle = message["content"].get("execution_state") == "idle"
        arrived = "".join(text)
        printed = "".join(f"{i:06d} {LINE}\n" for i in range(LINES))
        return {
            "arrived": len(arrived),
            "printed": len(printed),
            "whole": arrived == printed,
            "idle": idle,
        }


def signature(ask, _):
    """What comes of a request whose signature is wrong, and whether the right one is made known."""
    with Kernel(ask["kernel"]) as kernel:
        kernel.ready()
        session = kernel.client.session
        list(kernel.published(0.5))
        message = session.msg("kernel_info_request", {})
        frames = session.serialize(message)
        wrong = [b"0" * len(part) if part == frames[1] else part for part in frames]
        kernel.client.shell_channel.socket.send_multipart(wrong)
        replied = kernel.reply(message["header"]["msg_id"], timeout=1)
        kinds = {published["msg_type"] for published in kernel.published(1)}
        told = frames[1].decode() in kernel.printed()
        return [*sorted(kinds), *(["reply"] if replied else []), *(["right one printed"] if told else [])]


def ipc(ask, cells):
    """Whether the kernel answers over ipc."""
    with Kernel(ask["kernel"], "ipc") as kernel:
        if kernel.reply(kernel.client.kernel_info(), timeout=PATIENCE_S) is None:
            return False
        reply = kernel.run(cells["small"], timeout=PATIENCE_S)
        return reply is not None and reply["status"] == "ok"


def order(ask, cells):
    """Whether what three queued cells publish stands one cell after another, each from busy to idle."""
    with Kernel(ask["kernel"]) as kernel:
        kernel.ready()
        asked = [kernel.client.execute(cells[name]) for name in ("print", "wait", "print")]
        seen = []
        for message in kernel.published(2):
            parent = message["parent_header"].get("msg_id")
            if parent in asked:
                seen.append((asked.index(parent), message["content"].get("execution_state")))
        runs = [
            [state for of, state in seen if of == cell and state] == ["busy", "idle"]
            and seen.index((cell, "busy")) < seen.index((cell, "idle"))
            for cell in range(3)
        ]
        return all(runs) and [of for of, _ in seen] == sorted(of for of, _ in seen)


def interrupt(ask, cells):
    """What is wrong after an interrupt; empty when nothing is. `twice` interrupts again after 50 ms."""
    with Kernel(ask["kernel"]) as kernel:
        kernel.ready()
        kernel.run(cells["small"])
        running = ask["case"] and kernel.client.execute(cells["interrupts"][ask["case"]])
        time.sleep(1)
        kernel.interrupt()
        if ask["twice"]:
            time.sleep(0.05)
            kernel.interrupt()
        wrong = []
        if running and kernel.reply(running, timeout=PATIENCE_S) is None:
            wrong.append("goes on")
        if not running:
            time.sleep(1)
        time.sleep(0.5)
        # What it printed so far; one that goes on printing has no end.
        end = time.monotonic() + 1
        for _ in kernel.published(0.1):
            if time.monotonic() > end:
                break
        next_cell = kernel.run(cells["small"], timeout=PATIENCE_S)
        if next_cell is None or next_cell["status"] != "ok":
            wrong.append("next cell unanswered")
        end = time.monotonic() + 3
        for message in kernel.published(3):
            # Not the next cell's own result, which tslab prints.
            late = message["msg_type"] == "stream" and "tick" in message["content"]["text"]
            if late:
                wrong.append("prints later")
            if late or time.monotonic() > end:
                break
        return wrong


def growth(ask, cells):
    """Milliseconds from request to reply around the 10th and around the 100th cell."""
    with Kernel(ask["kernel"]) as kernel:
        kernel.ready()
        kernel.run(cells["small"])
        kernel.run("const v0 = 0;" if ask["language"] == "typescript" else "v0 = 0")
        took = [0, 0]
        for n in range(1, 101):
            began = kernel.milliseconds()
            reply = kernel.run(cells["chain"].format(n=n, before=n - 1))
            if reply is None or reply["status"] != "ok":
                return None
            took.append(kernel.milliseconds() - began)
    around = lambda n: statistics.median(took[n - 2 : n + 3])
    return {"tenth": around(10), "hundredth": around(100)}


def checks(ask, _):
    """Milliseconds of a body with the checks that the kernel inserts and without, by kind and round."""
    with Kernel(ask["kernel"]) as kernel:
        kernel.ready()
        found = {}
        for kind, body in LOOPS.items():
            code = COST.format(body=body, text=json.dumps(body))
            parts = kernel.until_idle(kernel.client.execute(code))
            text = "".join(m["content"]["text"] for m in parts if m["msg_type"] == "stream")
            found[kind] = json.loads(text)
        return found


TASKS = {
    task.__name__: task
    for task in (launch, control, lines, signature, ipc, order, interrupt, growth, checks)
}


def main():
    ask = json.loads(sys.argv[1])
    for launched in range(1, LAUNCHES + 1):
        try:
            print(json.dumps(TASKS[ask["task"]](ask, CELLS[ask["language"]])))
            return
        except NoStart as failure:
            print(f"launch {launched}: {failure}", file=sys.stderr)
    sys.exit(f"the kernel did not start in {LAUNCHES} launches")


main()
