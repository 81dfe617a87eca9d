// A server made with the npm package xmlrpc. Prints its port.
import xmlrpc from "xmlrpc";

const server = xmlrpc.createServer({ host: "127.0.0.1", port: 0 }, () => {
  process.stdout.write(`${server.httpServer.address().port}\n`);
});
server.on("echo", (_error, [value], answer) => answer(null, value));
server.on("describe", (_error, values, answer) =>
  answer(
    null,
    values.map((value) => (value instanceof Date ? "Date" : Buffer.isBuffer(value) ? "Buffer" : typeof value)),
  ),
);
server.on("fail", (_error, _params, answer) => answer({ faultCode: 7, faultString: "as asked é" }));
