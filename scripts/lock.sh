#!/usr/bin/env bash
# Writes requirements/dev.txt and requirements/run.txt: exact versions with checksums, for every platform,
# without the address of the registry that served them. Usage: scripts/lock.sh .venv/bin
set -euo pipefail

bin=${1:?usage: scripts/lock.sh .venv/bin}
command -v "$bin/uv" >/dev/null || "$bin/python" -m pip install --quiet uv
options=(--universal --python-version 3.11 --generate-hashes --upgrade --quiet
  --no-emit-index-url --no-annotate --custom-compile-command "make lock")
export UV_PYTHON_DOWNLOADS=never

"$bin/uv" pip compile "${options[@]}" --extra dev --output-file requirements/dev.txt pyproject.toml
"$bin/uv" pip compile "${options[@]}" --constraint requirements/dev.txt --output-file requirements/run.txt pyproject.toml
