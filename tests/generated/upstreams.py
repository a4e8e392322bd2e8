"""A small made-up API for the tests of taking over a newer description: its document, its names, its corrections."""

import json
from typing import Any

PROSE = "This sentence is theirs and stays with them."
TOY = {
    "type": "object",
    "title": PROSE,
    "description": PROSE,
    "properties": {
        "name": {"type": "string", "description": PROSE, "example": PROSE, "maxLength": 40},
        "colour": {"type": "string", "enum": ["red", "blue"], "x-enum-descriptions": [PROSE, PROSE]},
        "owner": {"$ref": "#/components/schemas/owner"},
        "title": {"type": ["string", "null"], "title": PROSE},
    },
    "required": ["name", "colour", "owner"],
    "x-note": {"text": PROSE},
}


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema, "example": {"text": PROSE}}}}


def envelope(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"data": schema}, "required": ["data"]}


def failure(status: int, *codes: str) -> dict[str, Any]:
    properties = {
        "status_code": {"type": "number", "enum": [status]},
        "code": {"type": "string", "enum": list(codes), "description": PROSE},
    }
    return {"description": PROSE, **json_body({"type": "object", "properties": properties})}


def unshared(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy in which each part stands in one place, as in a file."""
    copied: dict[str, Any] = json.loads(json.dumps(document))
    return copied


def description() -> dict[str, Any]:
    """Return the document as a vendor publishes it."""
    toy_id = {
        "name": "toy_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
        "example": PROSE,
    }
    size = {"type": "integer", "default": 50, "maximum": 100, "description": PROSE}
    return unshared(
        {
            "openapi": "3.1.0",
            "info": {"title": PROSE, "version": "1.0.0", "description": PROSE, "contact": {"name": PROSE}},
            "servers": [{"url": "https://api.example.com", "description": PROSE}],
            "tags": [{"name": PROSE, "description": PROSE}],
            "security": [{"oauth": []}],
            "paths": {
                "/v2/toys": {
                    "summary": PROSE,
                    "get": {
                        "summary": PROSE,
                        "operationId": PROSE,
                        "tags": [PROSE],
                        "externalDocs": {"url": "https://example.com", "description": PROSE},
                        "security": [{"oauth": ["toy:read"]}],
                        "parameters": [
                            {"$ref": "#/components/parameters/limit"},
                            {"name": "offset", "in": "query", "schema": {"type": "integer"}},
                        ],
                        "responses": {
                            "200": {
                                "description": PROSE,
                                **json_body(envelope({"type": "array", "items": TOY})),
                            },
                            "default": {"description": PROSE},
                        },
                    },
                },
                "/v2/toys/{toy_id}": {
                    "parameters": [toy_id],
                    "patch": {
                        "description": PROSE,
                        "security": [{"oauth": ["toy:read-write"]}],
                        "requestBody": {"$ref": "#/components/requestBodies/change"},
                        "responses": {
                            "200": {"description": PROSE, **json_body(envelope(TOY))},
                            "404": {"$ref": "#/components/responses/missing"},
                        },
                    },
                    "delete": {
                        "responses": {"204": {"description": PROSE}, "404": failure(404, "not_found")}
                    },
                },
            },
            "webhooks": {
                "toy.bought": {
                    "post": {
                        "summary": PROSE,
                        "requestBody": json_body(
                            {
                                "type": "object",
                                "properties": {
                                    "events": {
                                        "type": "array",
                                        "items": {
                                            "type": "object",
                                            "properties": {
                                                "toy_id": {"type": "string", "description": PROSE}
                                            },
                                            "required": ["toy_id"],
                                        },
                                    }
                                },
                            }
                        ),
                    }
                }
            },
            "components": {
                "parameters": {
                    "limit": {"name": "limit", "in": "query", "description": PROSE, "schema": size}
                },
                "requestBodies": {
                    "change": {
                        "description": PROSE,
                        **json_body(envelope({"type": "object", "properties": {"name": {"type": "string"}}})),
                    }
                },
                "responses": {"missing": failure(404, "not_found")},
                "schemas": {
                    "owner": {
                        "type": "object",
                        "properties": {
                            "id": {"type": "string"},
                            "pets": {"type": "array", "items": {"type": "string"}},
                        },
                        "required": ["id"],
                    },
                    "error": {
                        "type": "object",
                        "properties": {"message": {"type": "string", "example": PROSE}},
                    },
                    "rate-limit-error": {"type": "object", "properties": {"message": {"type": "string"}}},
                    "actor": {"type": "object", "properties": {"id": {"type": "string"}}},
                },
                "securitySchemes": {
                    "key": {"type": "http", "scheme": "bearer"},
                    "oauth": {
                        "type": "oauth2",
                        "description": PROSE,
                        "flows": {
                            "authorizationCode": {
                                "authorizationUrl": "https://example.com/a",
                                "tokenUrl": "https://example.com/t",
                                "scopes": {"toy:read": PROSE, "toy:read-write": PROSE},
                            }
                        },
                    },
                },
            },
        }
    )


NAMES_TOML = """
["GET /v2/toys"]
id = "list_toys"
tag = "toys"
summary = "List the toys."
access = "read"
repeatable = true
paging = "offset-query"
limit = { default = 50, max = 100 }

["PATCH /v2/toys/{toy_id}"]
id = "update_toy"
tag = "toys"
summary = "Change a toy."
access = "write"
repeatable = true

["DELETE /v2/toys/{toy_id}"]
id = "delete_toy"
tag = "toys"
summary = "Delete a toy."
access = "write"
repeatable = true

[schemas]
"list_toys:200.data[]" = "Toy"
"""

OVERLAY_TOML = """
[[correction]]
pointer = "/components/schemas/Toy/required"
old = '["name", "colour", "owner"]'
new = '["name", "colour"]'
why = "Some toys have no owner."
"""
