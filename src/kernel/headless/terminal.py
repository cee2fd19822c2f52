"""What a terminal, or a log, is told while a notebook runs."""

import os
import time

# Longest silence in a log while a cell runs, in seconds.
SILENCE_S = 60


def clock(seconds):
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class Terminal:
    """A line for each cell and each finished progress line; what is under way is rewritten in place
    on a terminal, and repeated once a minute elsewhere."""

    def __init__(self, stream):
        self.stream = stream
        self.live = stream.isatty()
        self.cell = None
        self.line = None
        self.text = ""
        self.said_at = time.monotonic()

    def say(self, text):
        """A line that stays."""
        self.erase()
        self.stream.write(f"{text}\n")
        self.stream.flush()
        self.said_at = time.monotonic()
        self.draw()

    def start(self, number, title):
        """A cell begins."""
        self.cell, self.title, self.started = number, title, time.monotonic()
        self.draw()

    def progress(self, line, text):
        """The progress line `line` of the running cell now reads `text`."""
        if line != self.line:
            self.settle()
        self.line, self.text = line, text
        self.tick()

    def tick(self):
        """Bring the line under way up to date."""
        if self.live:
            self.draw()
        elif self.cell and time.monotonic() - self.said_at > SILENCE_S:
            self.say(self.under_way())

    def end(self):
        """The running cell ended."""
        if self.cell is None:
            return
        self.settle()
        title, self.cell, number = self.title, None, self.cell
        self.say(f"{number} {clock(time.monotonic() - self.started):>7}  {title[:80]}")

    def settle(self):
        """The last state of a progress line stays."""
        text, self.line, self.text = self.text, None, ""
        if text:
            self.say(f"        {text}")

    def under_way(self):
        return f"{self.cell} {clock(time.monotonic() - self.started):>7}  {self.text or self.title}"

    def draw(self):
        if self.live and self.cell:
            # Some terminals do not know their width, and say 0.
            width = os.get_terminal_size(self.stream.fileno()).columns or 80
            self.stream.write(f"\r\x1b[K{self.under_way()[: width - 1]}")
            self.stream.flush()

    def erase(self):
        if self.live:
            self.stream.write("\r\x1b[K")
