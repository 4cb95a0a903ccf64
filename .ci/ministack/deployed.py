"""Looks whether what `sam deploy` put into the AWS at AWS_ENDPOINT_URL is there, and works."""

import json
import os
import pathlib

import boto3

STACK = "gatewright"
ROOT = pathlib.Path(os.environ["DEPLOYED"])


def main():
    resources = resources_by_type()
    functions = resources["AWS::Lambda::Function"]
    expected = {path.name[0].upper() + path.name[1:] + "Function" for path in (ROOT / "functions").iterdir()}
    assert set(functions) == expected, set(functions) ^ expected
    assert set(resources["AWS::IAM::Role"]) == {f"{name}Role" for name in expected}
    table(resources["AWS::DynamoDB::Table"])
    key(resources["AWS::KMS::Key"])
    roles(resources["AWS::IAM::Role"])
    answers(functions)
    print(f"deployed: {len(functions)} functions, each with a role of its own, the table and the key")


def resources_by_type():
    """Physical ids by type and logical id."""
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    found = {}
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            assert resource["ResourceStatus"].endswith("COMPLETE"), resource
            found.setdefault(resource["ResourceType"], {})[resource["LogicalResourceId"]] = resource["PhysicalResourceId"]
    return found


def table(tables):
    (name,) = tables.values()
    described = boto3.client("dynamodb").describe_table(TableName=name)["Table"]
    assert described["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ], described
    # Its time to live is not checked: ministack reads TimeToLiveSpecification from templates and ignores it.


def key(keys):
    kms = boto3.client("kms")
    (key_id,) = keys.values()
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["Enabled"]
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"]


def roles(names):
    """Lambda alone takes a role, and each has what its function's Policies say: those that use the table, no others."""
    iam = boto3.client("iam")
    for logical, name in names.items():
        role = iam.get_role(RoleName=name)["Role"]
        principals = [statement["Principal"] for statement in role["AssumeRolePolicyDocument"]["Statement"]]
        assert principals == [{"Service": ["lambda.amazonaws.com"]}], (logical, principals)
        policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        granted = json.dumps([iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in policies])
        wants_table = logical not in ("ProtectedFunctionRole", "AuthorizerFunctionRole")
        assert ("dynamodb:" in granted) == wants_table, (logical, granted)
        assert '"dynamodb:*"' not in granted and "dynamodb:Scan" not in granted, (logical, granted)


def answers(functions):
    """The deployed functions work on the deployed table, with the deployed key."""
    registered = invoke(functions["RegisterFunction"], "register")
    assert registered["statusCode"] == 201, registered
    signed_in = invoke(functions["LoginFunction"], "login")
    assert signed_in["statusCode"] == 200 and json.loads(signed_in["body"])["token_type"] == "Bearer", signed_in


def invoke(function, event):
    payload = (ROOT / "events" / f"{event}.json").read_bytes()
    answer = boto3.client("lambda").invoke(FunctionName=function, Payload=payload)
    text = answer["Payload"].read()
    assert "FunctionError" not in answer, text
    return json.loads(text)


main()
