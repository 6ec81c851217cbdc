/** Why there was no answer, or none that could be used. */
export type ConnectionProblem =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'timeout'
  | 'tls-untrusted'
  | 'tls-name'
  | 'tls-expired'
  | 'tls-client-certificate'
  | 'tls-failed'
  | 'plain-http'
  | 'proxy'
  | 'proxy-authentication'
  | 'malformed-answer'
  | 'closed'
  | 'aborted'
  | 'unknown';

/**
 * The server could not be talked to. What it refused is an `ApiError`.
 *
 * The message names the server, what went wrong and what to do; never a header or a token.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly problem: ConnectionProblem;
  /** `https://10.0.0.1:6443`; empty when it is not known here. */
  readonly server: string;
  /** What somebody can do about it; empty when nothing is known to help. */
  readonly remedy: string;
  /** True when the request cannot have reached the server, so that sending it again is safe. */
  readonly isUnsent: boolean;

  constructor(failure: {
    readonly problem: ConnectionProblem;
    readonly message: string;
    readonly server?: string;
    readonly remedy?: string;
    readonly isUnsent?: boolean;
    readonly cause?: unknown;
  }) {
    const { message, remedy = '', cause } = failure;
    super(remedy === '' ? message : `${message}; ${remedy}`, { cause });
    this.problem = failure.problem;
    this.server = failure.server ?? '';
    this.remedy = remedy;
    this.isUnsent = failure.isUnsent ?? false;
  }
}

/** What a call gets from a client that has been closed, before it or meanwhile. */
export function clientClosed(server: string): ConnectionError {
  return new ConnectionError({
    problem: 'closed',
    message: `${server}: the client has been closed`,
    server,
    isUnsent: true,
  });
}
