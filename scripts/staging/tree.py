"""Files: listing a source tree, reading untrusted files, writing a staged tree."""

import os
import re
import stat
import subprocess
import tempfile

from .problems import Trouble

MAX_FILE_BYTES = 1 << 20
_UTF8_MARK = b"\xef\xbb\xbf"
_COMMIT_DATE = "2026-01-01T00:00:00+0000"


def tracked_files(root):
    """Paths of all files git knows or would not ignore, sorted. Refuses without a git work tree."""
    result = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if result.returncode:
        raise Trouble(
            [
                f"{root}:1: error: git cannot list its files: {result.stderr.strip()}; "
                "run from a git clone"
            ]
        )
    paths = set(filter(None, result.stdout.split("\0")))
    return sorted(path for path in paths if os.path.lexists(os.path.join(root, path)))


def glob_matches(glob, paths):
    """Those of `paths` that match; `*` and `?` stay within one folder, `**` crosses folders."""
    pattern = ""
    for token in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", glob):
        pattern += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(
            token
        ) or re.escape(token)
    wanted = re.compile(pattern)
    return [path for path in paths if wanted.fullmatch(path)]


def is_inside(path):
    """Whether a path is relative, stays below its folder and is written in the shortest way."""
    return (
        bool(path)
        and not os.path.isabs(path)
        and os.path.normpath(path) == path
        and path.split("/")[0] != ".."
        and "\0" not in path
    )


def read_bytes(root, path, problems, shown=None):
    """The content of the regular file root/path, up to MAX_FILE_BYTES; else None and a problem.

    No component of `path` may be a symbolic link, so nothing outside `root` is ever read.
    """
    shown = shown or path
    if not is_inside(path):
        problems.add(shown, 1, "the path leaves the tree; name a file inside it")
        return None
    try:
        place = root
        for part in path.split("/"):
            place = os.path.join(place, part)
            mode = os.lstat(place).st_mode
            if stat.S_ISLNK(mode):
                problems.add(shown, 1, "symbolic link; replace it by the file itself")
                return None
        if not stat.S_ISREG(mode):
            problems.add(shown, 1, "not a regular file; replace it by one")
            return None
        with open(os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        problems.add(shown, 1, "the file is missing; put it back as it was in the starter")
        return None
    except OSError as error:
        # Not the fault of the file's contents.
        raise Trouble(
            [f"{shown}:1: error: cannot be read: {error.strerror}; correct its permissions"]
        ) from None
    if len(data) > MAX_FILE_BYTES:
        problems.add(shown, 1, "larger than 1 MiB; make it smaller")
        return None
    return data


def decode_theirs(data):
    """What a student wrote, as text with line feeds only. Every sequence of bytes is one: compilers take comments in any
    encoding, and NUL bytes, so bytes that are no UTF-8 are kept as they are, and `encode` gives it back."""
    text = data.removeprefix(_UTF8_MARK).decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n")


def encode(text):
    """The bytes of a text; bytes that were not UTF-8 are kept."""
    return text.encode("utf-8", "surrogateescape")


def decode(data, shown, problems):
    """`data` of ours as text with line feeds only; None (and a problem) when it is no UTF-8 text."""
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        problems.add(
            shown, data.count(b"\n", 0, error.start) + 1, "not UTF-8 text; save the file as UTF-8"
        )
        return None
    if "\0" in text:
        problems.add(
            shown, text.count("\n", 0, text.index("\0")) + 1, "a NUL byte in a text; remove it"
        )
        return None
    return text.replace("\r\n", "\n")


def read_theirs(root, path, problems, shown=None):
    """read_bytes and decode_theirs in one step."""
    data = read_bytes(root, path, problems, shown)
    return None if data is None else decode_theirs(data)


def read_text(root, path, problems, shown=None):
    """read_bytes and decode in one step."""
    data = read_bytes(root, path, problems, shown)
    return None if data is None else decode(data, shown or path, problems)


def write_file(root, path, data, executable):
    """Writes root/path and the folders above it."""
    place = os.path.join(root, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as file:
        file.write(data)
    os.chmod(place, 0o755 if executable else 0o644)


def commit_all(root, message):
    """Makes `root` a git repository with one commit, which depends on nothing but the files."""
    who = {"NAME": "Sprat", "EMAIL": "sprat@localhost", "DATE": _COMMIT_DATE}
    environment = {
        f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()
    }
    for command in (
        ["init", "--quiet", "--template=", "--initial-branch=main"],
        ["add", "--all", "--force"],
        ["commit", "--quiet", "--no-verify", f"--message={message}"],
    ):
        result = _git(root, *command, **environment)
        if result.returncode:
            raise Trouble(
                [
                    f"{root}:1: error: git {command[0]} failed: {result.stderr.strip()}; "
                    "use --no-git to stage without a repository"
                ]
            )


def _git(root, *arguments, **environment):
    """Runs git in `root`, which any user may own, without any user's settings, and without programs that the settings of
    `root` name."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        # Git takes safe.directory from a file only, before its version 2.38.
        with tempfile.NamedTemporaryFile("w", prefix="sprat-git-") as settings:
            settings.write("[safe]\n\tdirectory = *\n")
            settings.flush()
            return subprocess.run(
                ["git", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"]
                + ["-C", root, *arguments],
                env={
                    **clean,
                    "LC_ALL": "C",
                    "GIT_CONFIG_GLOBAL": settings.name,
                    "GIT_CONFIG_NOSYSTEM": "1",
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                capture_output=True,
                errors="surrogateescape",
            )
    except FileNotFoundError:
        raise Trouble([f"{root}:1: error: git is not installed; run scripts/bootstrap"]) from None
