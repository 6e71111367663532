"""What went wrong, where, and what to do next: collected, so that a user sees all of it at once."""


class Problems:
    """An ordered list of `FILE:LINE: error: what; what to do next` lines without repetitions."""

    def __init__(self):
        self._lines = []

    def add(self, path, line, text):
        """Notes one problem. `line` counts from 1; 1 also stands for a file as a whole."""
        message = f"{printable(path, 300)}:{line}: error: {text}"
        if message not in self._lines:
            self._lines.append(message)

    def __bool__(self):
        return bool(self._lines)

    def __iter__(self):
        return iter(self._lines)

    def raise_if_any(self):
        """Raises Refused with everything noted so far; does nothing when nothing was."""
        if self._lines:
            raise Refused(self._lines)


class Refused(Exception):
    """The tool cannot go on; `messages` are ready to be printed, one a line."""

    def __init__(self, messages):
        super().__init__("\n".join(messages))
        self.messages = list(messages)


class Trouble(Refused):
    """The tool cannot go on, and nothing that it was given is at fault: git, a disk, permissions."""


def printable(text, limit=60):
    """`text` without control characters and shortened: texts of others may stand in a message."""
    clean = "".join(c if c.isprintable() else "?" for c in str(text))
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
