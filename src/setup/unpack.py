"""Unpack some files of a wheel: unpack.py WHEEL FOLDER PATTERN.

A file is unpacked when its path matches PATTERN; the pattern's first group is its path below FOLDER.
"""

import os
import re
import sys
import zipfile

wheel, folder, pattern = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    chosen = []
    for info in archive.infolist():
        match = re.fullmatch(pattern, info.filename)
        if match and not info.is_dir():
            chosen.append((info, match.group(1)))
    if not chosen:
        sys.exit(f"{wheel}: no file matches {pattern}")
    total = sum(info.file_size for info, _ in chosen)
    done = 0
    for info, name in chosen:
        target = os.path.abspath(os.path.join(folder, name))
        if not target.startswith(os.path.abspath(folder) + os.sep):
            sys.exit(f"{wheel}: {info.filename} lies outside the folder")
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(info) as source, open(target, "wb") as sink:
            while block := source.read(1 << 22):
                sink.write(block)
                done += len(block)
                print(f"Progress {done} of {total}", flush=True)
        if info.external_attr >> 16 & 0o111:
            os.chmod(target, 0o755)
