// Web functions become methods: OpenAPI, XML-RPC and JSON-RPC services over HTTP.
export { createUpstreams, type Upstreams, type UpstreamsOptions } from "./create-upstreams.js";
export { FAILURES, type FailureCode } from "./failure.js";
export { UPSTREAM_LIMIT_TABLE, type UpstreamLimits } from "./limits.js";
export {
  type CommonUpstreamSettings,
  type DeclaredMethod,
  type JsonRpcSettings,
  type OpenApiSettings,
  type RequesterAssertion,
  type UpstreamSettings,
  UpstreamSettingsError,
  type XmlRpcSettings,
} from "./settings.js";
