"""What all drivers share: orders on standard input, a line each; what came of them on standard output."""

import dataclasses
import json
import sys
import traceback
from collections.abc import Callable

SYSTEM = "You know the weather of every city."


@dataclasses.dataclass
class Order:
    scenario: str
    prompt: str
    base_url: str
    key: str
    model: str


Scenarios = dict[str, Callable[[Order], dict]]


def weather(city: str) -> str:
    """The weather of a city."""
    return f"It rained in {city}."


def serve(scenarios: Scenarios) -> None:
    for line in sys.stdin:
        order = Order(**json.loads(line))
        try:
            outcome = scenarios[order.scenario](order)
        except Exception as error:
            traceback.print_exc()
            status = getattr(error, "status_code", None)
            outcome = {"error": type(error).__name__, "status": status, "message": str(error)}
        print(json.dumps(outcome), flush=True)
