"""Clusters for the tests: processes of the ordinary Dask commands, also on machines that are network namespaces."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.engine.tools import ENVIRONMENT, until

DASK = [sys.executable, "-m", "dask"]
QUIET = ["--no-dashboard", "--dashboard-address", ":0"]
HUB, HOSTS = "10.213.7", {"one": "10.213.7.2", "two": "10.213.7.3"}


@contextmanager
def started(*commands, env=None, log):
    """Processes that are ended in the end, the last first."""
    processes = []
    try:
        with log.open("wb") as words:
            for command in commands:
                processes.append(subprocess.Popen(command, env=env, stdout=words, stderr=words))
            yield processes
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait(20)


def scheduler(file, host, *more):
    return [*DASK, "scheduler", "--host", host, "--port", "0", *QUIET, "--scheduler-file", str(file), *more]


def worker(address, resources, *more):
    """As the README has it."""
    options = ["--resources", resources, "--nthreads", "1", "--memory-limit", "0", "--no-nanny"]
    return [*DASK, "worker", address, *options, *QUIET, "--preload", "explorer.engine.dask.preload", *more]


def surroundings(root, **more):
    """What a user's shell on a machine of the cluster has."""
    return {**os.environ, **ENVIRONMENT, "EXPLORER_RUNS": str(root), "EXPLORER_PRELOAD": "numpy", **more}


@contextmanager
def machines():
    """Two network namespaces on one bridge with this machine, with interfaces and addresses of their own."""
    names = {host: f"uf{os.getpid() % 100000}{host[0]}" for host in HOSTS}
    bridge = f"uf{os.getpid() % 100000}b"
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("addr", "add", f"{HUB}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for host, name in names.items():
            _ip("netns", "add", name)
            _ip("link", "add", f"{name}v", "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", f"{name}v", "master", bridge)
            _ip("link", "set", f"{name}v", "up")
            for what in (
                ["addr", "add", f"{HOSTS[host]}/24", "dev", "eth0"],
                ["link", "set", "eth0", "up"],
                ["link", "set", "lo", "up"],
            ):
                _ip("-n", name, *what)
        yield {host: ["ip", "netns", "exec", name] for host, name in names.items()}
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"inconclusive: no network namespaces here ({error})")
    finally:
        for name in (*names.values(),):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        subprocess.run(["ip", "link", "del", bridge], capture_output=True)


def _ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


def address(file):
    import json

    def there():
        try:
            return json.loads(file.read_text())["address"]
        except (OSError, ValueError):
            return None

    return until(there, 30)


def certificates(folder):
    """An authority and one certificate for all, by openssl; the environment that names them."""
    folder.mkdir()

    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    new = ["req", "-newkey", "rsa:2048", "-nodes"]
    openssl(*new, "-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    openssl(*new, "-subj", "/CN=unfold", "-keyout", "key.pem", "-out", "request.pem")
    openssl(
        "x509",
        "-req",
        "-days",
        "2",
        "-in",
        "request.pem",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-out",
        "cert.pem",
    )
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    both = {"CERT": "cert.pem", "KEY": "key.pem"}
    files = {f"{tls}{who}__{what}": both[what] for who in ("SCHEDULER", "WORKER", "CLIENT") for what in both}
    files[f"{tls}CA_FILE"] = "ca.pem"
    named = {name: str(folder / file) for name, file in files.items()}
    return named | {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True"}
