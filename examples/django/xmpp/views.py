"""What the gateway asks the site: whether a name and a password belong to a user."""

import json

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

LOOPBACK = {"127.0.0.1", "::1"}
MAX_BODY_BYTES = 4096


# The gateway is no browser: it has no session that a foreign page could misuse, and every request holds the password.
@csrf_exempt
@require_POST
def check_password(request: HttpRequest) -> HttpResponse:
    """Answers the gateway's `accounts: {http: …}`: 204 lets in, 403 does not (docs/modes.md)."""
    if request.META.get("REMOTE_ADDR") not in LOOPBACK:
        return HttpResponse(status=404)
    try:
        asked = json.loads(request.read(MAX_BODY_BYTES))
        name, password = asked["name"], asked["password"]
    except (ValueError, KeyError, TypeError):
        return HttpResponse("a JSON object with name and password expected", status=400, content_type="text/plain")
    # Django hashes for unknown names too, so that the time tells nothing.
    user = authenticate(request, username=str(name), password=str(password))
    return HttpResponse(status=403 if user is None else 204)
