"""papermill's translator for TypeScript.

papermill writes the cell that sets a notebook's parameters in the notebook's language. How that is done in TypeScript,
and what is refused, is decided by the project's own code, which `npm run notebook` uses too: it is asked here.

papermill loads this module through the entry point `papermill.engine` when it is imported itself, before it reads a
notebook. The engine of that entry point is papermill's own.
"""

import json
import os
import subprocess
import sys
import threading
import weakref

from click import ClickException
from papermill.engines import NBClientEngine as Engine
from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

KERNEL = os.path.join(sys.prefix, "share", "jupyter", "kernels", "peftlab")

__all__ = ["Engine", "ParameterError", "TypeScriptTranslator"]


class ParameterError(PapermillException, ClickException):
    """Parameters that the notebook does not take. papermill's command prints the message alone."""


def refuse(value):
    raise ParameterError(
        f"{value!r} ({type(value).__name__}) is no value for a parameter: "
        "text, numbers, booleans, None, lists and dicts are."
    )


def ask(cell, values):
    """The answer of translate.ts."""
    try:
        question = json.dumps({"cell": cell, "values": values}, default=refuse)
    except TypeError as error:
        raise ParameterError(f"The parameters cannot be written as JSON: {error}.") from None
    try:
        with open(os.path.join(KERNEL, "kernel.json"), encoding="utf-8") as file:
            node = json.load(file)["argv"][0]
        run = subprocess.run(
            [node, os.path.join(KERNEL, "translate.cjs")],
            input=question,
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
    except (OSError, subprocess.CalledProcessError) as error:
        why = getattr(error, "stderr", None) or error
        raise ParameterError(f"The kernel in {KERNEL} does not work (npm run doctor): {why}") from None
    return json.loads(run.stdout)


class TypeScriptTranslator(Translator):
    # papermill shows the parameters cell to `inspect` first, and gives `codify` the values alone. The cell is held
    # weakly: one that was inspected for another reason is gone with its notebook.
    shown = threading.local()

    @classmethod
    def inspect(cls, parameters_cell):
        cls.shown.cell = weakref.ref(parameters_cell)
        declared = ask(parameters_cell.source, None)["parameters"]
        return [Parameter(p["name"], p["type"] or "None", p["value"], "") for p in declared]

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        cell = getattr(cls.shown, "cell", lambda: None)()
        cls.shown.cell = lambda: None
        answer = ask(cell and cell.source, parameters)
        if "error" in answer:
            raise ParameterError(answer["error"])
        return answer["source"]


for name in ("peftlab", "typescript"):
    papermill_translators.register(name, TypeScriptTranslator)
