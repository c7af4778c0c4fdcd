#!/bin/sh
# Make .venv/ and see to it that the machine has what Hedang needs. Done again it changes nothing and takes a moment.
#
# Python 3.11 or newer, a browser, a display for robots and a Chinese font come from Debian's packages where they are missing
# (as root or by sudo; without either, the packages are named and nothing is done). Python packages come from the lock,
# by version and hash. PYTHON=/path/to/python chooses another Python.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# two set-ups at once (make demo beside make test) would fill one folder: the second one waits
if has flock; then exec 9<.ci/setup.sh && flock 9; fi

# -- which Python: new enough, able to make environments, and with Tk, without which pyautogui ends the program that imports it

fit='import sys, ensurepip, tkinter, venv; sys.exit(sys.version_info < (3, 11))'
find_python() {
    for python in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14 /usr/bin/python3; do
        if has "$python" && "$python" -c "$fit" 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
}

# -- the machine

has_font() { has fc-list && [ -n "$(fc-list :lang=zh family)" ]; }
has_library() { for file in /usr/lib/"$1" /usr/lib/*/"$1" /usr/lib64/"$1" /lib/*/"$1"; do [ -e "$file" ] && return; done; false; }
has_browser() { has chromium || has google-chrome || has google-chrome-stable || has microsoft-edge; }

missing=
[ -x .venv/bin/python ] || [ -n "$(find_python)" ] || missing="$missing python3 python3-venv python3-tk"
has_library libatomic.so.1 || missing="$missing libatomic1" # Playwright's own Node wants it
has_browser || missing="$missing chromium"
# a third lighter than Chromium where nobody looks; only where the system's packages have it
has chromium-headless-shell || ! [ -e /etc/debian_version ] || missing="$missing chromium-headless-shell"
has Xvfb || missing="$missing xvfb"
has openbox || missing="$missing openbox"
has xclip || missing="$missing xclip"
has_font || missing="$missing fontconfig fonts-wqy-zenhei"

if [ -n "$missing" ]; then
    has apt-get || fail "missing:$missing (Debian's names); install them with this system's package manager, then run it again"
    if [ "$(id -u)" -eq 0 ]; then
        root=
    elif has sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        root=sudo
    else
        fail "missing:$missing; ask an administrator for: apt-get install$missing"
    fi
    say "installing$missing"
    $root apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends $missing >/dev/null
fi

# -- the environment

if [ -e .venv ] && ! .venv/bin/python -c '' 2>/dev/null; then
    say "the Python of .venv is gone; making it anew"
    rm -rf .venv
fi
if [ ! -e .venv ]; then
    python=$(find_python)
    [ -n "$python" ] || fail "no Python 3.11 or newer with venv and tkinter; name one: PYTHON=/path/to/python make setup"
    "$python" -m venv .venv
fi

stamp=$({ .venv/bin/python -VV && cat requirements.txt requirements-dev.txt .ci/setup.sh; } | sha256sum)
if [ "$(cat .venv/stamp 2>/dev/null || true)" != "$stamp" ]; then
    say "installing Python packages from the lock (a minute)"
    # the tools first: setuptools is among them, and builds from the lock what is published without a wheel
    pip() { .venv/bin/python -m pip --disable-pip-version-check -qq install --require-hashes "$@"; }
    pip -r requirements-dev.txt
    pip --no-build-isolation --use-pep517 -r requirements.txt
    printf '%s\n' "$stamp" >.venv/stamp
fi
