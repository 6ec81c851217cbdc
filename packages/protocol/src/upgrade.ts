import type { ByteStream } from './byte-stream.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from './http-message.ts';

/**
 * Answers a request to change the protocol of its connection (exec, attach, port-forward): what a
 * `Handler` is to requests, in both directions. An API server is one, the proxy is one, a client
 * transport is one. Throws `ApiError` to refuse, as a `Handler` does.
 *
 * Source: RFC 9110 §7.8.
 */
export type UpgradeHandler<Request extends HttpRequest = HttpRequest> = (
  request: Request,
) => Promise<UpgradeAnswer>;

export type UpgradeAnswer =
  | { readonly kind: 'refused'; readonly response: HttpResponse }
  | {
      readonly kind: 'accepted';
      /** Those of the 101: `upgrade` names the protocol. */
      readonly headers: HttpHeaders;
      /** The new protocol, from its first byte. Who is answered reads it to its end or destroys it. */
      readonly stream: ByteStream;
    };
