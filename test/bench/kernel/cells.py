"""The cells that kernels are measured with, the same in each language."""

LINES = 100_000
LINE = "x" * 92

TYPESCRIPT = {
    "small": "1 + 1",
    "loop": "{ const end = Date.now() + 3000; while (Date.now() < end); }",
    "lines": f"""for (let i = 0; i < {LINES}; i++)
  console.log(String(i).padStart(6, "0") + " " + "{LINE}");""",
    "print": 'console.log("printed")',
    "wait": 'await new Promise((done) => setTimeout(done, 100)); console.log("waited");',
    "chain": "const v{n} = v{before} + {n}; function f{n}(x: number) {{ return x * v{n}; }} f{n}(2)",
    "interrupts": {
        "synchronous loop": "while (true);",
        "loop after an await": "await new Promise((done) => setTimeout(done, 1)); while (true);",
        "loop of microtasks": "while (true) await null;",
        "loop in a timer": "setTimeout(() => { while (true); }, 1); await new Promise(() => {});",
        "loop in code that was not a cell's": 'new Function("while (true);")();',
        "chain of sleeps": """while (true) {
  await new Promise((done) => setTimeout(done, 50));
  console.log("tick");
}""",
        "what never comes": 'setInterval(() => console.log("tick"), 50); await new Promise(() => {});',
    },
}

PYTHON = {
    "small": "1 + 1",
    "loop": "import time\nend = time.time() + 3\nwhile time.time() < end: pass",
    "lines": f'for i in range({LINES}): print(f"{{i:06d}} {LINE}")',
    "print": 'print("printed")',
    "wait": 'import asyncio; await asyncio.sleep(0.1); print("waited")',
    "chain": "v{n} = v{before} + {n}\ndef f{n}(x): return x * v{n}\nf{n}(2)",
    "interrupts": {
        "synchronous loop": "while True: pass",
        "loop after an await": "import asyncio; await asyncio.sleep(0.001)\nwhile True: pass",
        "loop of microtasks": "async def nothing(): pass\nwhile True: await nothing()",
        "loop in a timer": """import asyncio
def forever():
    while True: pass
asyncio.get_running_loop().call_later(0.001, forever)
await asyncio.Future()""",
        "loop in code that was not a cell's": 'exec("while True: pass")',
        "chain of sleeps": """import asyncio
while True:
    await asyncio.sleep(0.05)
    print("tick")""",
        "what never comes": """import asyncio
async def ticks():
    while True:
        await asyncio.sleep(0.05)
        print("tick")
ticking = asyncio.create_task(ticks())
await asyncio.Future()""",
    },
}

CELLS = {"typescript": TYPESCRIPT, "python": PYTHON}

# What the checks that a kernel inserts cost: the same body as a cell's function and as one that is
# compiled without the kernel.
LOOPS = {
    "tight": "let x = 0; for (let i = 0; i < 5e7; i++) x = (x + i) | 0; return x;",
    "realistic": """const words = new Map();
for (let line = 0; line < 60000; line++) {
  const text = "the row " + (line % 997) + " has some words, and a few more of them";
  for (const word of text.split(" ")) {
    const key = word.replace(",", "");
    words.set(key, (words.get(key) ?? 0) + 1);
  }
}
return [...words].sort((a, b) => b[1] - a[1]).slice(0, 9);""",
}
COST = """const rounds = (checked: () => unknown, bare: () => unknown) => {{
  const time = (body: () => unknown) => {{
    const began = performance.now();
    body();
    return performance.now() - began;
  }};
  return Array.from({{ length: 7 }}, () => [time(checked), time(bare)]).slice(2);
}};
console.log(JSON.stringify(rounds(function () {{ {body} }}, new Function({text}) as () => unknown)));"""
