#!/usr/bin/env bash
# Replaces common-passwords.txt and LICENSE.txt by those of the newest Django release.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$work" django
python3 - "$work"/*.whl <<'PYTHON'
import gzip, pathlib, sys, zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    packed = wheel.read("django/contrib/auth/common-passwords.txt.gz")
    licence = next(name for name in wheel.namelist() if name.endswith("licenses/LICENSE"))
    pathlib.Path("common-passwords.txt").write_bytes(gzip.decompress(packed))
    pathlib.Path("LICENSE.txt").write_bytes(wheel.read(licence))
PYTHON
wc -l common-passwords.txt
