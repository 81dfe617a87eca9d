"""Functions of the site as remote procedures: `@rpc_method`, and what the worker does with a call."""

import inspect
import json
import logging
from dataclasses import dataclass
from typing import Any, Callable, get_type_hints

from django.db import transaction

from .models import Call, now_ms

log = logging.getLogger(__name__)

SCHEMAS = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    list: {"type": "array"},
    dict: {"type": "object"},
}
INVALID_PARAMS = -32602
APPLICATION_ERROR = -32500


class Fault(Exception):
    """What the caller gets instead of a result; codes of your own are outside -32768 to -32000."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Requester:
    """Who is calling: the address that the XMPP server vouches for."""

    jid: str

    @property
    def bare(self) -> str:
        return self.jid.split("/", 1)[0]


@dataclass(frozen=True)
class Method:
    function: Callable[..., Any]
    description: dict
    takes_requester: bool


METHODS: dict = {}


def rpc_method(name: str) -> Callable[[Callable], Callable]:
    """Makes a function callable over XMPP. Its annotations say what travels; a first parameter `requester` gets who calls."""

    def decorate(function: Callable) -> Callable:
        parameters = list(inspect.signature(function).parameters.values())
        takes_requester = bool(parameters) and parameters[0].name == "requester"
        hints = get_type_hints(function)
        described = parameters[1:] if takes_requester else parameters
        summary = inspect.getdoc(function)
        METHODS[name] = Method(
            function=function,
            takes_requester=takes_requester,
            description={
                "name": name,
                **({"summary": summary} if summary else {}),
                "params": [
                    {
                        "name": one.name,
                        "required": one.default is inspect.Parameter.empty,
                        "schema": _schema_of(name, one.name, hints),
                    }
                    for one in described
                ],
                "result": {"name": "result", "schema": _schema_of(name, "return", hints)},
            },
        )
        return function

    return decorate


def answer_next_call() -> bool:
    """Takes the oldest call that waits and answers it; false when none waits.

    A worker that dies with a call leaves it to its deadline: nobody can know how far it came.
    """
    call = Call.objects.filter(status="new", method__in=list(METHODS), deadline_at__gt=now_ms()).order_by("id").first()
    if call is None:
        return False
    # Whoever changes the row first has the call.
    if Call.objects.filter(id=call.id, status="new").update(status="leased") == 1:
        _answer(call)
    return True


def _answer(call: Call) -> None:
    try:
        ending = {"status": "done", "result": json.dumps(_run(call), allow_nan=False)}
    except Fault as fault:
        ending = {"status": "faulted", "fault_code": fault.code, "fault_string": str(fault)}
    except Exception:
        log.exception("call %s of %s failed", call.id, call.method)
        ending = {"status": "faulted", "fault_code": APPLICATION_ERROR, "fault_string": "internal error"}
    # Only a call that nobody has given up yet.
    Call.objects.filter(id=call.id, status="leased").update(finished_at=now_ms(), **ending)


def _run(call: Call) -> Any:
    method = METHODS[call.method]
    arguments = json.loads(call.params)
    if method.takes_requester:
        arguments = [Requester(call.requester), *arguments]
    try:
        inspect.signature(method.function).bind(*arguments)
    except TypeError as error:
        raise Fault(INVALID_PARAMS, str(error)) from error
    with transaction.atomic():
        return method.function(*arguments)


def _schema_of(method: str, name: str, hints: dict) -> dict:
    hint = hints.get(name)
    if name == "return" and hint is type(None):
        return {"type": "null"}
    origin = getattr(hint, "__origin__", hint)
    if origin not in SCHEMAS:
        raise TypeError(f"{method}: {name} is annotated with {hint}; one of {', '.join(one.__name__ for one in SCHEMAS)} expected")
    return SCHEMAS[origin]
