"""A server of tools for Claude Code's MCP client: lines of JSON-RPC on standard input and output."""

import json
import sys

LONG = "looks_up_the_weather_of_a_city_in_the_archives_of_the_meteorological_office"
DESCRIPTION = "The weather of a city, out of the archives."
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def answer(method: str, params: dict) -> dict | None:
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "archive", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": [{"name": LONG, "description": DESCRIPTION, "inputSchema": SCHEMA}]}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": f"It rained in {params['arguments']['city']}."}]}
    return {}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request:
            result = answer(request["method"], request.get("params") or {})
            print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)


if __name__ == "__main__":
    main()
