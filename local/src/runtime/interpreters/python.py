"""What Lambda's Python runtimes do, in small: fetch an event, call the handler, post what comes of it."""

import http.client
import importlib
import json
import os
import sys
import time
import types


def call(method, path, body=None):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, f"/2018-06-01/runtime/{path}", body)
    answer = connection.getresponse()
    return answer.headers, answer.read()


def report(path, error):
    kind = type(error).__name__
    print(f"{kind}: {error}", file=sys.stderr, flush=True)
    call("POST", path, json.dumps({"errorType": kind, "errorMessage": str(error)}))


def context(headers):
    deadline = int(headers["lambda-runtime-deadline-ms"])
    return types.SimpleNamespace(
        aws_request_id=headers["lambda-runtime-aws-request-id"],
        function_name=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        function_version=os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
        get_remaining_time_in_millis=lambda: max(0, deadline - int(time.time() * 1000)),
        invoked_function_arn=headers["lambda-runtime-invoked-function-arn"],
        memory_limit_in_mb=os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    )


sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
try:
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler = getattr(importlib.import_module(module.replace("/", ".")), name)
except Exception as error:
    report("init/error", error)
    sys.exit(1)

while True:
    headers, event = call("GET", "invocation/next")
    invocation = f"invocation/{headers['lambda-runtime-aws-request-id']}"
    try:
        answer = json.dumps(handler(json.loads(event), context(headers)))
    except Exception as error:
        report(f"{invocation}/error", error)
    else:
        call("POST", f"{invocation}/response", answer)
