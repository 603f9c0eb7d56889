"""Bring Debian's Chromium for the browser tests, where this machine lets us install packages.

Where it does not, the browser tests end as visible skips that say what to install; with SIDEBAR_TEST_INSIST=1 (CI)
a missing browser is a failure.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HINT = "The browser tests need Chromium; on Debian: apt-get install chromium"


def chromium() -> str | None:
    """The path of an installed Chromium."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def may_install() -> bool:
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install() -> None:
    print("Installing Chromium for the browser tests (once) …", flush=True)
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
    subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"], check=False, **quiet)


if __name__ == "__main__":
    if not chromium() and may_install():
        install()
    if not chromium():
        print(HINT, file=sys.stderr)
        sys.exit(1 if os.environ.get("SIDEBAR_TEST_INSIST") == "1" else 0)
