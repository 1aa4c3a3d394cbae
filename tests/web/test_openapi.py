"""The published description holds: schemathesis tries what it promises."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

STREAMS = ("/events", "/api/v1/stream")


async def test_document_is_complete(web: Any) -> None:
    """Every operation is described, answers with a model, and refuses with problem documents."""
    async with web.client() as client:
        document = (await client.get("/api/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert {
        "/api/v1/state",
        "/api/v1/charge_points/{charge_point_id}",
        "/switch/{object_id}/{action}",
    } <= set(document["paths"])
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], path
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            good = next(v for k, v in operation["responses"].items() if k.startswith("2"))
            if path not in STREAMS and "/switch/" not in path and "content" in good:
                assert "$ref" in str(good["content"]["application/json"]["schema"]), (method, path)
    assert "HTTPValidationError" not in str(document)


def test_answers_fit_the_description(documents: Any, demo: Any) -> None:
    """Valid and broken requests at every operation get an answer that the description names."""
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", demo.app, headers={"Host": "127.0.0.1"})
    schema.config.generation.modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    tried = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if operation.path in STREAMS:
            continue
        tried += 1

        @settings(
            max_examples=6,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def attempt(case: Any) -> None:
            case.headers = {**(case.headers or {}), "Host": "127.0.0.1"}
            answer = case.call()
            case.validate_response(
                answer,
                checks=[
                    not_a_server_error,
                    checks.status_code_conformance,
                    checks.content_type_conformance,
                    checks.response_schema_conformance,
                ],
            )

        given(case=operation.as_strategy())(attempt)()
    assert tried > 15
