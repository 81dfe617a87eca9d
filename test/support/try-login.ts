// Whether an account can log in, asked by a requester of this process.

import { createRequester } from "../../src/index.js";
import { LinkError } from "../../src/xmpp/index.js";

/** `logged in`, or the code of the `LinkError` that said no. */
export async function tryLogin(service: string, jid: string, password: string): Promise<string> {
  const requester = createRequester({ link: { service, jid, password } });
  try {
    await requester.start();
    return "logged in";
  } catch (error) {
    if (!LinkError.is(error)) throw error;
    return error.code;
  } finally {
    await requester.stop();
  }
}
