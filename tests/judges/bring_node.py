"""Bring the packages of the judges that run on Node: once, and again when their lock file changes.

Where Node is missing or too old these judges end as visible skips that say what to install; with
SIDEBAR_TEST_INSIST=1 (CI) they fail instead.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
OLDEST = (20, 18)
HINT = "These judges need Node 20.18 or newer and npm; on Debian 13: apt-get install nodejs npm, then make test"
_STAMP = HERE / "node_modules" / ".stamp"


def lacking() -> str | None:
    """What has to be done before the judges can run; None when they can."""
    if not _node_will_do():
        return HINT
    return None if _is_brought() else "The judges' packages are not installed: make test brings them"


def bring() -> None:
    print("Installing the judges' Node packages (once) …", flush=True)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=HERE, stdout=subprocess.DEVNULL, check=False).returncode == 0:
        _STAMP.write_text(_lock())


def _node_will_do() -> bool:
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)", said)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST


def _is_brought() -> bool:
    return _STAMP.exists() and _STAMP.read_text() == _lock()


def _lock() -> str:
    return hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()


if __name__ == "__main__":
    if _node_will_do() and not _is_brought():
        bring()
    if problem := lacking():
        print(problem, file=sys.stderr)
        sys.exit(1 if os.environ.get("SIDEBAR_TEST_INSIST") == "1" else 0)
