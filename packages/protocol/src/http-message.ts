/**
 * One HTTP shape for every seam: an API server, a proxy and a client transport are all a `Handler`,
 * and a filter is a function that takes the next one. Values, not streams of events, so that a
 * client can run against an API server in process, and a test can hold a request in its hand.
 */

/** Header names in lower case. A repeated header (`Impersonate-Group`) is an array. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[]>>;

/**
 * The bytes of a message.
 *
 * The consumer of an iterable sets the pace; leaving the loop early (`return`) frees its source.
 */
export type HttpBody = Uint8Array | AsyncIterable<Uint8Array> | undefined;

/** A stream that tells its end by itself, so that who waits for it need not read along. */
export interface EndingBody extends AsyncIterable<Uint8Array> {
  /** Calls `run` once when the stream has ended, failed, or was left; at once when that is past. */
  whenEnded(run: () => void): void;
}

/** The caller's address and certificate, as the transport knows them. */
export interface Peer {
  readonly address: string;
  /** The client certificate in DER, present only when it was offered. Not yet judged. */
  readonly certificate?: Uint8Array;
  /** True when the certificate chains to a client CA of this server. */
  readonly isCertificateTrusted?: boolean;
}

export interface HttpRequest {
  readonly method: string;
  /** As sent: percent-encoded, without the query. Starts with `/`. */
  readonly path: string;
  /** As sent, without the `?`; empty when there is none. */
  readonly query: string;
  readonly headers: HttpHeaders;
  readonly body: HttpBody;
  /** Set by a server; absent when the call comes from inside the process. */
  readonly peer?: Peer;
  /** Aborts when the caller has gone away or does not want the answer any more. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: HttpBody;
}

/** Answers a request. Throws `ApiError` for what the caller did wrong. */
export type Handler<Request extends HttpRequest = HttpRequest> = (
  request: Request,
) => Promise<HttpResponse>;

/** The first value of a header, or undefined. `name` in lower case. */
export function headerOf(headers: HttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' || value === undefined ? value : value[0];
}
