// Network addresses: which are this machine's own.

/** Whether an address, as sockets print it, is of the loopback interface. */
export function isLoopbackAddress(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\./.test(address);
}

/** Whether a host, as settings name it, listens on loopback only. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || isLoopbackAddress(host);
}
