"""PyTorch's speed of matrix products, in GFLOP/s."""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # python -I leaves it out

import torch
from process import cores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    work = json.loads(Path(parser.parse_args().work).read_text())
    torch.set_num_threads(cores())
    types = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    speeds = {
        precision: [speed(*shape, type, work["seconds"]) for shape in work["shapes"]]
        for precision, type in types.items()
    }
    print(json.dumps({"gigaflops": speeds, "versions": {"torch": torch.__version__}}))


def speed(m: int, k: int, n: int, type: torch.dtype, seconds: float) -> float:
    """Of `[m, k] x [n, k]^T`, as linear maps have it: the median of products for so long, at least five."""
    a, b = torch.randn(m, k).to(type), torch.randn(n, k).to(type)
    for _ in range(2):
        a @ b.T
    times = []
    while len(times) < 5 or sum(times) < seconds:
        start = time.perf_counter()
        a @ b.T
        times.append(time.perf_counter() - start)
    return 2e-9 * m * k * n / statistics.median(times)


if __name__ == "__main__":
    main()
