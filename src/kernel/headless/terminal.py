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
    """A line for each cell, and below it the lines of its progress bars; what is under way is
    rewritten in place on a terminal, and repeated once a minute elsewhere."""

    def __init__(self, stream):
        self.stream = stream
        self.live = stream.isatty()
        self.cell = None
        # The lines of each group of bars of the running cell, in the order they came.
        self.bars = {}
        # Of those, what was said before.
        self.said = []
        # Lines on the screen that will be rewritten, the cursor in the last.
        self.drawn = 0
        self.said_at = time.monotonic()

    def say(self, text):
        """Lines that stay."""
        self.erase()
        self.stream.write(f"{text}\n")
        self.stream.flush()
        self.said_at = time.monotonic()
        self.draw()

    def start(self, number, title):
        """A cell begins."""
        self.cell, self.title, self.started = number, title, time.monotonic()
        self.draw()

    def progress(self, group, text):
        """The bars `group` of the running cell now read `text`."""
        self.bars[group] = text.split("\n")
        self.tick()

    def tick(self):
        """Bring what is under way up to date."""
        if self.live:
            self.draw()
        elif self.cell and time.monotonic() - self.said_at > SILENCE_S:
            self.say(self.news())

    def end(self):
        """The running cell ended: the last state of its bars stays."""
        if self.cell is None:
            return
        text, self.cell = self.news(), None
        self.say(text)
        self.bars, self.said = {}, []

    def under_way(self):
        first = f"{self.cell} {clock(time.monotonic() - self.started):>7}  {self.title[:80]}"
        return [first, *(f"        {line}" for bars in self.bars.values() for line in bars)]

    def news(self):
        """The cell, and what its bars have not said before."""
        first, *lines = self.under_way()
        news = [line for line in lines if line not in self.said]
        self.said = lines
        return "\n".join([first, *news])

    def draw(self):
        if not (self.live and self.cell):
            return
        # Some terminals do not know their size, and say 0.
        size = os.get_terminal_size(self.stream.fileno())
        lines = self.under_way()
        # What does not fit on the screen could not be rewritten.
        shown = [lines[0], *lines[1:][-max(1, (size.lines or 24) - 2) :]]
        text = "\n".join(line[: (size.columns or 80) - 1] for line in shown)
        self.erase()
        self.stream.write(text)
        self.stream.flush()
        self.drawn = len(shown)

    def erase(self):
        if self.drawn > 1:
            self.stream.write(f"\x1b[{self.drawn - 1}A")
        if self.drawn:
            self.stream.write("\r\x1b[J")
        self.drawn = 0
