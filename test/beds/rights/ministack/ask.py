"""Asks MiniStack's own evaluator of IAM what comes of requests: a third opinion, without starting a server.

    python ask.py < questions > answers

Questions are an array of requests with their policies, answers an array of verdicts, or of why there is none.
"""

import json
import sys

from ministack.core.iam_evaluator import (
    EvalContext,
    combine_resource_policy,
    evaluate,
    evaluate_resource_policy,
    parse_policy_document,
)


def answer(question):
    request = question["request"]
    principal = request["principal"]
    carried = {key.lower(): value for key, value in request["context"].items() if value is not None}
    service = principal.removeprefix("service:") if principal.startswith("service:") else None
    context = EvalContext(
        principal_arn="" if service else principal,
        principal_type="AssumedRole",
        principal_account="" if service else principal.split(":")[4],
        action=request["action"],
        resource_arn=request["resource"],
        region="eu-central-1",
        secure_transport=carried.get("aws:securetransport") == "true",
        service_context=carried,
    )
    policies = question["policies"]
    resource = policies.get("resource")
    if service:
        return evaluate_resource_policy(resource, context, service=service).decision
    limits = [[parse_policy_document(policies["boundary"])]] if policies.get("boundary") else []
    identity = evaluate(context, [parse_policy_document(one) for one in policies["identity"]], *limits)
    return combine_resource_policy(
        identity,
        context,
        resource,
        request["resourceAccount"],
        required=request["action"].startswith(("kms:", "sts:")),
        limits=tuple(limits),
    ).decision


def opinion(question):
    try:
        return {"verdict": answer(question)}
    except Exception as error:
        return {"refusal": repr(error)}


json.dump([opinion(question) for question in json.load(sys.stdin)], sys.stdout)
