# CPython's own XML-RPC server with introspection. Prints its port.
from xmlrpc.server import SimpleXMLRPCServer
from xmlrpc.client import Fault


def echo(value):
    """Gives its parameter back."""
    return value


def describe(*values):
    return [type(value).__name__ for value in values]


def fail():
    raise Fault(7, "as asked é")


server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, allow_none=True, use_builtin_types=False)
server.register_introspection_functions()
for function in (echo, describe, fail):
    server.register_function(function)
print(server.server_address[1], flush=True)
server.serve_forever()
