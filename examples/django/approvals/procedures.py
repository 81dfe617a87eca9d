"""What programs may call over XMPP."""

from xmpp.rpc import Fault, Requester, rpc_method

from .models import Purchase

NO_SUCH_PURCHASE = 404


@rpc_method("shop.purchase")
def purchase(requester: Requester, number: int) -> dict:
    """One of the caller's own purchases."""
    found = Purchase.objects.filter(id=number, wanted_by__username=requester.bare.split("@")[0]).first()
    if found is None:
        raise Fault(NO_SUCH_PURCHASE, f"no purchase {number} of {requester.bare}")
    return {"article": found.article, "price": found.price, "state": found.state}


@rpc_method("shop.waiting")
def waiting() -> int:
    """How many purchases wait for a decision."""
    return Purchase.objects.filter(state=Purchase.State.WAITING).count()
