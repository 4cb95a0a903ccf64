"""Starts the service, lets schemathesis call every operation of docs/openapi.yaml, and judges the result.

It fails if schemathesis finds anything, or if an operation never answered 2xx: a run that only meets refusals proves nothing.
It listens on loopback only, and ends by itself.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SECONDS = 240


def main():
    subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "local"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parameters = ["ClientRegistration=open", "AccountsPerAddress=1000", "RefreshGraceSeconds=300", "AccessTokenSeconds=3600"]
    flags = [flag for parameter in parameters for flag in ("--param", parameter)]
    command = [target / "debug/local", "--memory", "--port", "0", *flags]
    service = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        url = next(found[0] for line in service.stdout if (found := re.search(r"(?<=^listening on )\S+", line)))
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder, "report.ndjson")
            status = schemathesis(url, report)
            never = judged(report)
    finally:
        service.terminate()
        service.wait(30)
    return 1 if status or never else 0


# They need a link from a mail or a change under way. tests/suite/mailed.rs has them.
MAILED = {"GET /email/verify", "GET /password/reset", "DELETE /me/email"}


def schemathesis(url, report):
    command = [
        pathlib.Path(sys.executable).with_name("st"), "--config-file", HERE / "schemathesis.toml", "run",
        ROOT / "docs/openapi.yaml", "--url", url, "--report-ndjson-path", report, *sys.argv[1:],
    ]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "GATEWRIGHT_URL": url, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
    return subprocess.run(command, cwd=report.parent, env=environment, timeout=SECONDS).returncode


def judged(report):
    """Prints how often each operation answered what, and gives the operations that never did what they are for."""
    answers = defaultdict(Counter)
    for line in report.read_text().splitlines():
        for operation, status in answered(json.loads(line)):
            answers[operation][status] += 1
    for operation, statuses in sorted(answers.items()):
        print(f"{operation:40}", *(f"{status}×{count}" for status, count in sorted(statuses.items())))
    operations = [operation for operation in documented() if operation not in MAILED]
    never = sorted(operation for operation in operations if not any(200 <= status < 400 for status in answers[operation]))
    print(f"{len(operations) - len(never)} passed, {len(never)} failed: operations that answered 2xx or 3xx")
    for operation in never:
        print(f"NEVER 2xx: {operation}")
    return never


def answered(event):
    """Operation and status of each call that an event of the report tells of."""
    recorder = event.get("ScenarioFinished", {}).get("recorder", {})
    for interaction in recorder.get("interactions", {}).values():
        method, status = interaction["request"]["method"], (interaction["response"] or {}).get("status_code")
        if status is not None and recorder["label"].startswith(method + " "):
            yield recorder["label"], status


def documented():
    paths = yaml.safe_load(pathlib.Path(ROOT, "docs/openapi.yaml").read_text())["paths"]
    methods = {"get", "put", "post", "delete", "patch"}
    return [f"{method.upper()} {path}" for path, item in paths.items() for method in item if method in methods]


if __name__ == "__main__":
    sys.exit(main())
