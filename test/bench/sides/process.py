"""What a measured process knows of itself."""

import os
import re
import resource
import subprocess
import sys
from pathlib import Path


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def peak() -> int:
    """Bytes of the largest resident set. Linux's other count starts with that of the process that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(re.search(r"VmHWM:\s*(\d+) kB", status.read_text()).group(1))
    # macOS counts bytes, others kilobytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def device_memory() -> int:
    """Bytes that are taken on the graphics card, by all of its users."""
    query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    return 2**20 * int(subprocess.run(query, capture_output=True, check=True, text=True).stdout.split()[0])
