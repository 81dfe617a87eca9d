// Why there are no HTTP doors.

import { hasBrand } from "../brand.js";

const HTTP_ERROR = Symbol.for("jabber-rpc.HttpError");

/** The doors cannot be opened; the message says why and which setting changes it. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly [HTTP_ERROR] = true;

  /** True for an error of this class, also of another copy of the package in the same process. */
  static is(error: unknown): error is HttpError {
    return hasBrand(error, HTTP_ERROR);
  }
}
