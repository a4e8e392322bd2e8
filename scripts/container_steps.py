"""Run the steps of the Containerfile in an empty root, where no container daemon is, and use what they made.

    sudo python scripts/container_steps.py
    sudo python scripts/container_steps.py --python ~/.pyenv/versions/3.13.0/bin/python

In place of the base image the root gets an interpreter, a shell, ``useradd`` and their libraries. The packages are downloaded
before; the steps have no network but the loopback. Needs Linux, root, and the commands ldd, chroot and unshare.
"""

import argparse
import fcntl
import json
import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "examples/compose/seeds.yaml"
PROGRAMS = ("sh", "useradd")
SYSTEM_LIBRARIES = (
    *("libpthread.so.0", "libdl.so.2", "librt.so.1", "libm.so.6", "libutil.so.1", "libresolv.so.2"),
    *("libgcc_s.so.1", "libstdc++.so.6"),
)
"""Libraries of every Debian, which wheels expect."""
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_READ = """
import json, urllib.request
request = urllib.request.Request("http://127.0.0.1:8787/v2/objects/companies/records/query", b"{}")
request.add_header("Authorization", "Bearer test-token")
request.add_header("Content-Type", "application/json")
records = json.load(urllib.request.urlopen(request))["data"]
print(*(record["values"]["name"][0]["value"] for record in records))
"""


@dataclass
class ContainerImage:
    """A root, and what the steps said about running it."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:/bin"})
    user: str = "0"
    folder: str = "/"
    health: list[str] = field(default_factory=list)
    entry: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command that runs one in the root."""
        change = f"cd {shlex.quote(self.folder)} && exec {shlex.join(arguments)}"
        return [
            shutil.which("chroot") or "chroot",
            f"--userspec={self.user}:{self.user}",
            str(self.root),
            "/bin/sh",
            "-c",
            change,
        ]


def main(arguments: argparse.Namespace) -> None:
    """Download the packages, then go on without a network."""
    if arguments.inside is None:
        with tempfile.TemporaryDirectory(prefix="container-") as folder:
            wheels = Path(folder) / "wheels"
            download = [arguments.python, "-m", "pip", "download", "--quiet", "--dest", str(wheels)]
            needed = [f"{ROOT}[cli,testing]", "hatchling>=1.27"]
            subprocess.run([*download, "--constraint", str(ROOT / "constraints.txt"), *needed], check=True)
            again = [sys.executable, __file__, "--python", arguments.python, "--inside", folder]
            subprocess.run(["unshare", "--net", *again], check=True)
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP))
    image = build(Path(arguments.inside), arguments.python)
    use(image)


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Yield the instructions of a Containerfile, each with its arguments."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


def build(folder: Path, python: str) -> ContainerImage:
    """Carry out the steps, and return the last image."""
    stages: dict[str, ContainerImage] = {}
    image = ContainerImage(folder)
    for number, (name, rest) in enumerate(steps((ROOT / "Containerfile").read_text(encoding="utf-8"))):
        print(name, rest)
        if name == "FROM":
            image = ContainerImage(folder / f"root{number}")
            stages[rest.partition(" AS ")[2]] = image
            base_image(image.root, python, folder / "wheels")
        elif name == "COPY":
            copy(image, stages, rest.split())
        elif name == "RUN":
            offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
            run(image, ["/bin/sh", "-c", rest], offline)
        elif name not in {"VOLUME", "EXPOSE"}:
            note(image, name, rest)
    return image


def note(image: ContainerImage, name: str, rest: str) -> None:
    """Note what an instruction says about running the image."""
    match name:
        case "ENV":
            for word in rest.split():
                key, _, value = word.partition("=")
                image.environment[key] = value.replace(f"${key}", image.environment.get(key, ""))
        case "WORKDIR":
            image.folder = rest
            (image.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "USER":
            image.user = rest
        case "HEALTHCHECK":
            image.health = json.loads(rest.partition("CMD")[2])
        case "ENTRYPOINT":
            image.entry = json.loads(rest)
        case "CMD":
            image.arguments = json.loads(rest)
        case _:
            raise SystemExit(f"unknown instruction {name}")


def base_image(root: Path, python: str, wheels: Path) -> None:
    """Fill an empty root with an interpreter, a shell and what they need."""
    for each in ("bin", "dev", "etc", "tmp", "usr/local", "data"):
        (root / each).mkdir(parents=True)
    (root / "data").rmdir()
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n", encoding="utf-8")
    (root / "etc/group").write_text("root:x:0:\n", encoding="utf-8")
    os.mknod(root / "dev/null", 0o666 | 0o020000, os.makedev(1, 3))
    (root / "dev/null").chmod(0o666)
    prefix = subprocess.check_output([python, "-c", "import sys; print(sys.base_prefix)"], text=True).strip()
    unneeded = shutil.ignore_patterns("__pycache__", "test", "site-packages", "*.a")
    shutil.copytree(prefix, root / "usr/local", symlinks=True, ignore=unneeded, dirs_exist_ok=True)
    bundled = next(Path(prefix).glob("lib/python3*/ensurepip")).parent / "site-packages"
    bundled.mkdir(exist_ok=True)
    for program in PROGRAMS:
        shutil.copy(shutil.which(program) or program, root / "bin")
    binaries = [
        *(root / "bin").iterdir(),
        *(root / "usr/local").rglob("*.so*"),
        root / "usr/local/bin/python3",
    ]
    needed = {path for binary in binaries for path in libraries(binary)}
    system = next(Path(path).parent for path in needed if Path(path).name == "libc.so.6")
    needed |= {str(system / name) for name in SYSTEM_LIBRARIES if (system / name).exists()}
    for library in needed:
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    shutil.copytree(wheels, root / "wheels")


def libraries(binary: Path) -> list[str]:
    """Return the shared libraries that a program or library needs."""
    done = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", done.stdout)


def copy(image: ContainerImage, stages: Mapping[str, ContainerImage], words: list[str]) -> None:
    """Copy from the folder of the project, or from another stage."""
    source = ROOT
    if words[0].startswith("--from="):
        source = stages[words.pop(0).removeprefix("--from=")].root
    *names, target = words
    place = image.root / Path(image.folder.lstrip("/")) / target.lstrip("/")
    if target.startswith("/"):
        place = image.root / target.lstrip("/")
    for name in names:
        found = source / name.lstrip("/")
        if found.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(found, place, symlinks=True, dirs_exist_ok=True, ignore=ignored)
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, place)


def run(image: ContainerImage, arguments: Sequence[str], more: Mapping[str, str] | None = None) -> str:
    """Run a command in the root, and return what it prints."""
    done = subprocess.run(
        image.command(arguments),
        env={**image.environment, **(more or {})},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def use(image: ContainerImage) -> None:
    """Start the container with seeds, wait for its health, read a record, and stop it."""
    shutil.copy(SEEDS, image.root)
    started = [*image.entry, *image.arguments, "--load", f"/{SEEDS.name}"]
    print("start", shlex.join(started))
    with subprocess.Popen(image.command(started), env=image.environment) as server:
        try:
            until = time.monotonic() + 20
            asked = image.command(image.health)
            while subprocess.run(
                asked, env=image.environment, stderr=subprocess.DEVNULL, check=False
            ).returncode:
                if server.poll() is not None or time.monotonic() > until:
                    raise SystemExit("the container is not healthy")
                time.sleep(0.5)
            user = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
            print("healthy, as user", re.findall(r"^Uid:\s+(\d+)", user, re.MULTILINE)[0])
            print("companies:", run(image, ["python", "-c", _READ]).strip())
        finally:
            server.send_signal(signal.SIGTERM)
        print("ended with", server.wait(timeout=20))
    if server.returncode:
        raise SystemExit("the container did not end well")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the root")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    main(parser.parse_args())
