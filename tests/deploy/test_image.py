"""The image, built and run without a daemon: its size, how soon it answers, and that it owns nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from processes.kit import until
from store.servers import PATIENCE, Server, ports

from deploy.machine import ENV, ask, needs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("SHEBAO_IMAGE" not in os.environ, reason="takes minutes: make image"),
]
OURS_MB = 160
COMMIT = "0123456789ab"


class Buildah:
    """In chroot isolation: as root it needs no daemon and no namespaces."""

    def __init__(self, folder: Path) -> None:
        self.line = [needs("buildah"), "--root", str(folder / "images"), "--runroot", str(folder / "run")]
        self.env = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}

    def __call__(self, *words: str) -> str:
        asked = subprocess.run(
            [*self.line, *words], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False
        )
        assert asked.returncode == 0, asked.stderr[-3000:]
        return asked.stdout.strip()


@pytest.fixture(scope="module")
def buildah(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buildah]:
    """With the image `shebao`, on a base of Debian's packages; what pip needs is brought along."""
    folder = tmp_path_factory.mktemp("image")
    made, base = Buildah(folder), folder / "base.tar"
    packages = "--include=python3,python3-venv"
    subprocess.run(
        [needs("mmdebstrap"), "-q", "--variant=minbase", packages, "bookworm", str(base)], check=True
    )
    empty = made("from", "scratch")
    made("add", "-q", empty, str(base), "/")
    made("commit", "-q", empty, "base")
    wheels, wanted = folder / "wheels", folder / "requirements.txt"
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    # of every platform and Python: the base's may be older than this one
    wanted.write_text(re.sub(r" ;[^\\\n]*", " ", lock))
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "-d", str(wheels), "-r", str(wanted)], check=True)
    conf = folder / "pip.conf"
    conf.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    made(
        *("build", "-q", "--format", "docker", "--build-arg", "BASE=localhost/base"),
        *("--build-arg", f"COMMIT={COMMIT}", "-v", f"{wheels}:/wheels:ro", "-v", f"{conf}:/etc/pip.conf:ro"),
        *("-t", "shebao", "-f", "deploy/Containerfile", "."),
    )
    yield made
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_it_is_small_and_nobodys(buildah: Buildah) -> None:
    shown = json.loads(buildah("inspect", "--type", "image", "localhost/shebao"))
    said = json.loads(shown["Manifest"])
    added = said["layers"][-1]["size"] / 1e6
    config = json.loads(shown["Config"])["config"]
    sys.stdout.write(f"the image adds {added:.1f} MB to its base\n")
    assert added < OURS_MB
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][0] == "CMD"
    inside = buildah("from", "localhost/shebao")
    assert buildah("run", inside, "--", "shebao", "--version").endswith(f"+{COMMIT}")
    find = ("find", "/", "-xdev", "-user", "10001", "-not", "-path", "/proc/*")
    assert buildah("run", "--user", "0:0", inside, "--", *find) == "/srv/shebao/var"


def test_it_answers(buildah: Buildah, tmp_path: Path) -> None:
    redis_port, port = ports(2)
    store = Server(tmp_path / "store", redis_port)
    env = [f"--env={name}={value}" for name, value in ENV.items()]
    env.append(f"--env=SHEBAO_REDIS_URL=redis://127.0.0.1:{redis_port}/0")
    inside = buildah("from", "localhost/shebao")
    began = time.monotonic()
    running = subprocess.Popen(
        [*buildah.line, "run", *env, inside, "--", "shebao", "web", "--bind", f"127.0.0.1:{port}"],
        env=buildah.env,
    )
    try:
        assert until(lambda: ask(f"http://127.0.0.1:{port}/healthz").status_code == 200)
        sys.stdout.write(f"the image answers after {time.monotonic() - began:.1f} s\n")
    finally:
        running.terminate()
        running.wait(PATIENCE)
        store.kill()
