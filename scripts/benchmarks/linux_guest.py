"""Debian's Linux as a guest: where its kernel comes from, what is in its first file system, and how the emulators boot it."""

import pathlib
import re
import shutil
import subprocess
import tempfile

METAPACKAGE = "linux-image-amd64"
QEMU = "qemu-system-x86_64"
OLDEST_QEMU = 10  # that runs Linux on several processors under -icount
LIMIT = 1800  # seconds of wall time: a boot takes less than a minute on a computer that does nothing else
# Linux counts its time in ticks of the processor; with as few in a second as Sprat has on Bochs, its timer would take a fifth
# of them.
BOCHS_TICKS_PER_SECOND = 50_000_000


class CannotMeasure(Exception):
    """Something is missing; the text says what, and what to do."""


# ---- the kernel


def installed_kernel(boot=pathlib.Path("/boot")):
    """The newest of Debian's kernels that are installed and can be read, or None."""
    kernels = []
    for file in boot.glob("vmlinuz-*-amd64"):
        try:
            with file.open("rb"):
                kernels.append(file)
        except OSError:
            pass
    return max(kernels, key=version_of_name, default=None)


def version_of_name(file):
    return [int(number) for number in re.findall(r"\d+", file.name)]


def run(command, folder):
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def fetched_kernel(folder):
    """The kernel of the package that METAPACKAGE stands for now, unpacked in `folder`; apt downloads it, without root."""
    if found := installed_kernel(folder / "boot"):
        return found
    folder.mkdir(parents=True, exist_ok=True)
    for tool in ("apt-cache", "apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise CannotMeasure(missing_kernel(f"there is no {tool} to download it"))
    depends = run(["apt-cache", "depends", METAPACKAGE], folder).stdout
    package = re.search(r"Depends: (linux-image-\S+)", depends)
    if package is None:
        raise CannotMeasure(missing_kernel(f"apt knows no package {METAPACKAGE}"))
    download = run(["apt-get", "download", package[1]], folder)
    debs = sorted(folder.glob(f"{package[1]}_*.deb"))
    if download.returncode != 0 or not debs:
        reason = (download.stdout.strip().splitlines() or ["apt-get said nothing"])[-1]
        raise CannotMeasure(missing_kernel(f"apt-get download {package[1]} failed: {reason}"))
    with tempfile.TemporaryDirectory(dir=folder) as unpacked:
        if (unpacking := run(["dpkg-deb", "--extract", debs[-1].name, unpacked], folder)).returncode != 0:
            raise CannotMeasure(missing_kernel(f"{debs[-1].name} cannot be unpacked: {unpacking.stdout.strip()}"))
        (pathlib.Path(unpacked) / "boot").rename(folder / "boot")
    debs[-1].unlink()
    if (found := installed_kernel(folder / "boot")) is None:
        raise CannotMeasure(missing_kernel(f"the package {package[1]} has no kernel in boot/"))
    return found


def missing_kernel(reason):
    return (
        f"There is no Linux to be measured: no kernel of Debian's is in /boot, and {reason}.\n"
        f"Install one (as root: apt-get update; apt-get install {METAPACKAGE}), or name a file: make bench-linux LINUX=vmlinuz"
    )


def kernel(folder, named=None):
    if named is None:
        return installed_kernel() or fetched_kernel(folder)
    if not named.is_file():
        raise CannotMeasure(f"LINUX={named} is not a file; it must be the kernel of a Linux for x86-64, such as /boot/vmlinuz-*")
    return named


# ---- its files


def archive(files):
    """A cpio archive (the format `newc`) of programs by their names, which Linux unpacks as its first file system."""
    out = b""
    for number, (name, content) in enumerate([*files.items(), ("TRAILER!!!", b"")], 1):
        mode = 0o100755 if content else 0
        words = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        header = b"070701" + b"".join(b"%08X" % word for word in words)
        for part in (header + name.encode() + b"\0", content):
            out += part + b"\0" * (-len(part) % 4)
    return out


# ---- QEMU


def qemu_version():
    if shutil.which(QEMU) is None:
        raise CannotMeasure(f"There is no {QEMU}; make doctor tells how to get it.")
    text = subprocess.run([QEMU, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return version_in(text)


def version_in(text):
    """Major and minor number."""
    version = re.search(r"version (\d+)\.(\d+)", text)
    if version is None:
        raise CannotMeasure(f"{QEMU} --version does not say which version it is: {text.strip()}")
    return int(version[1]), int(version[2])


def too_old(version):
    """Why only one processor of Linux is measured with this version of QEMU, or None."""
    if version[0] >= OLDEST_QEMU:
        return None
    return (
        f"QEMU is {version[0]}.{version[1]}. Linux on several processors hangs under its -icount, so one core is compared. QEMU {OLDEST_QEMU}"
        " runs them: it is in Debian 13 and in bookworm-backports. Unpacked anywhere (dpkg-deb --extract), its folder can come first in PATH."
    )


def qemu_command(linux, files, cores, memory, words):
    """The machine of grading/machine/qemu.cc, with a serial line on standard output."""
    return [
        QEMU, "-no-user-config", "-nodefaults", "-display", "none", "-monitor", "none", "-machine", "pc",
        "-cpu", "max,-x2apic", "-m", str(memory), "-smp", str(cores), "-serial", "stdio",
        "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-no-reboot",
        "-accel", "tcg,thread=single,tb-size=256", "-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01,clock=vm",
        "-kernel", str(linux), "-initrd", str(files), "-append", f"console=ttyS0 quiet loglevel=1 panic=-1 {words}",
    ]  # fmt: skip


def on_qemu(linux, init, cores, memory, words):
    """What the program `init` says, and the other `init` folder's programs beside it."""
    with tempfile.NamedTemporaryFile(prefix="bench-linux-") as files:
        files.write(archive(programs(init)))
        files.flush()
        return talk(qemu_command(linux, files.name, cores, memory, words), None)


def programs(folder):
    return {name: (folder / name).read_bytes() for name in ("init", "nothing")}


def talk(command, folder):
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=LIMIT, text=True, errors="replace", check=False)
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode(errors="replace")
        raise CannotMeasure(f"Linux did not end within {LIMIT} s of wall time; it said:\n{said}") from None
    return done.stdout


# ---- Bochs

BOCHSRC = """
cpu: count={cores}, model=corei7_haswell_4770, ips={ticks}, reset_on_triple_fault=0
memory: guest={memory}, host={memory}
romimage: options=fastboot
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0-master: type=cdrom, path=boot.iso, status=inserted
ata0-slave: type=cdrom, path=none, status=ejected
boot: cdrom
clock: sync=none, time0=1767225600
display_library: rfb, options="timeout=0"
speaker: enabled=1, mode=none
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
com1: enabled=1, mode=file, dev=serial
log: log
info: action=ignore
error: action=ignore
panic: action=fatal
"""

GRUB = """
set timeout=0
menuentry linux {{
linux /boot/linux console=ttyS0 quiet loglevel=1 panic=-1 {words}
initrd /boot/files
}}
"""


def on_bochs(linux, init, cores, memory, words):
    """The same on Bochs: GRUB loads it from a disc."""
    with tempfile.TemporaryDirectory(prefix="bench-linux-") as name:
        folder = pathlib.Path(name)
        (folder / "disc/boot/grub").mkdir(parents=True)
        shutil.copy(linux, folder / "disc/boot/linux")
        (folder / "disc/boot/files").write_bytes(archive(programs(init)))
        (folder / "disc/boot/grub/grub.cfg").write_text(GRUB.format(words=words))
        made = run(["grub-mkrescue", "--install-modules=normal linux", "--fonts=", "--locales=", "--themes=", "-o", "boot.iso", "disc"],
                   folder)
        if made.returncode != 0:
            raise CannotMeasure(f"grub-mkrescue cannot make a disc (make doctor checks it):\n{made.stdout}")
        (folder / "bochsrc").write_text(BOCHSRC.format(cores=cores, memory=memory, ticks=BOCHS_TICKS_PER_SECOND))
        (folder / "commands").write_text("c\n")
        asks = "-debugger " in run(["bochs", "--help"], folder).stdout  # grading/machine/bochs.cc
        talk(["bochs", "-q", "-f", "bochsrc", *(["-debugger"] if asks else []), "-rc", "commands"], folder)
        return (folder / "serial").read_text(errors="replace") if (folder / "serial").exists() else ""
