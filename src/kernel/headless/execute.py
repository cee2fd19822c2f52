"""Run a notebook on its kernel, and save it executed, signed and as HTML.

    execute.py --kernel NAME --folder DIR --output FILE.ipynb --html FILE.html < NOTEBOOK

What ran is saved whatever stopped it. Exit status: 0 when every cell ran, 1 when one failed, 130
when interrupted (Ctrl-C; a second one ends the kernel).
"""

import argparse
import asyncio
import os
import signal
import sys

import nbformat
from export import to_html
from jupyter_client.kernelspec import NoSuchKernel, get_kernel_spec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.filters import strip_ansi
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat.sign import NotebookNotary
from terminal import Terminal

# What the display ids of progress bars begin with.
PROGRESS = "progress-"
# How long an interrupted cell may take to stop before its kernel is ended.
AFTER_INTERRUPT_S = 20


class CellNotRun(Exception):
    """The kernel answered neither "ok" nor "error"."""


class Run(NotebookClient):
    """nbclient, telling the terminal what happens."""

    def __init__(self, notebook, terminal, **options):
        super().__init__(
            notebook,
            timeout=None,
            # A busy machine is no reason to give up, or to lose a cell's last output.
            startup_timeout=300,
            iopub_timeout=30,
            record_timing=False,
            **options,
        )
        self.terminal = terminal
        self.interrupted = False
        self.current = None
        self.on_cell_executed = self.check_reply
        self.tasks = []

    async def run(self):
        """Run the cells in order until one fails; raises what nbclient raises."""
        parent = os.getppid()
        cells = [(i, cell) for i, cell in enumerate(self.nb.cells) if cell.cell_type == "code"]
        async with self.async_setup_kernel():
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self.interrupt)
            watch = self.begin(self.watch(parent))
            info = await self.kc.kernel_info(reply=True)
            self.nb.metadata["language_info"] = info["content"]["language_info"]
            for count, (index, cell) in enumerate(cells, 1):
                if self.interrupted:
                    break
                self.current = cell
                number = f"[{count:>{len(str(len(cells)))}}/{len(cells)}]"
                self.terminal.start(number, first_line(cell.source))
                await self.async_execute_cell(cell, index)
                self.terminal.end()
            watch.cancel()

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        if msg["msg_type"] in ("display_data", "update_display_data"):
            shown = str((content.get("transient") or {}).get("display_id"))
            if shown.startswith(PROGRESS):
                self.terminal.progress(shown, content["data"]["text/plain"])
        return super().process_message(msg, cell, cell_index)

    async def check_reply(self, cell, cell_index, execute_reply):
        status = execute_reply["content"]["status"]
        if status not in ("ok", "error"):
            raise CellNotRun(f'The kernel did not run the cell: it answered "{status}".')

    async def watch(self, parent):
        """Keep the clock going, and stop when the command that started this is gone."""
        while True:
            await asyncio.sleep(1)
            self.terminal.tick()
            if os.getppid() != parent and not self.interrupted:
                self.interrupt()

    def interrupt(self):
        """Interrupt the running cell; end the kernel when asked again, or when the cell goes on."""
        if self.interrupted:
            self.end_kernel()
            return
        self.interrupted = True
        self.terminal.say("Interrupting: the cell stops at its next step.")
        self.begin(self.km.interrupt_kernel())
        asyncio.get_running_loop().call_later(AFTER_INTERRUPT_S, self.end_kernel)

    def end_kernel(self):
        self.begin(self.km.shutdown_kernel(now=True))

    def begin(self, coroutine):
        """Run beside the cells. The event loop itself keeps no task alive."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.append(task)
        return task


def first_line(source):
    lines = [line.strip() for line in source.splitlines()]
    return next((line for line in lines if line and not line.startswith("//")), "")


def read(text):
    """The notebook without what an earlier run left in it."""
    notebook = nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    return notebook


def save(notebook, options):
    CoalesceStreamsPreprocessor().preprocess(notebook, {})
    write(options.output, nbformat.writes(notebook) + "\n")
    # Signed as it is read: that is what JupyterLab compares.
    NotebookNotary().sign(nbformat.read(options.output, as_version=4))
    title = os.path.splitext(os.path.basename(options.output))[0]
    plotly = os.path.join(get_kernel_spec(options.kernel).resource_dir, "plotly.min.js")
    write(options.html, to_html(notebook, options.folder, title, plotly))


def write(path, text):
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)


def explain(error, cell):
    """Why the cell failed."""
    if isinstance(error, DeadKernelError):
        return "The kernel ended before the cell did. Was there memory enough?"
    traceback = next((o.traceback for o in cell.outputs if o.output_type == "error"), None)
    return "\n".join(traceback) if traceback else str(error)


def main():
    parser = argparse.ArgumentParser()
    for name in ("kernel", "folder", "output", "html"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    notebook = read(sys.stdin.read())
    terminal = Terminal(sys.stderr)
    where = {"metadata": {"path": options.folder}}
    run = Run(notebook, terminal, kernel_name=options.kernel, resources=where)
    failed = False
    try:
        asyncio.run(run.run())
    except NoSuchKernel:
        terminal.say(f'The kernel "{options.kernel}" is not installed; npm run doctor says more.')
        return 1
    except (CellExecutionError, CellNotRun, DeadKernelError) as error:
        failed = True
        terminal.end()
        if not run.interrupted:
            why = explain(error, run.current)
            why = why if terminal.live else strip_ansi(why)
            terminal.say(f"\n{run.current.source}\n\n{why}\n")
    save(notebook, options)
    return 130 if run.interrupted else 1 if failed else 0


sys.exit(main())
