import { messageOf } from '@fairway/host';
import { MalformedAnswerError } from '../http1/answer-head.ts';
import { ConnectionError, type ConnectionProblem } from './connection-error.ts';

/**
 * Turns what a socket, TLS or an HTTP parser threw into an error that says what to do.
 *
 * `isUnsent`: nothing of the request can have reached the server.
 */
export function explainFailure(
  cause: unknown,
  where: { readonly server: string; readonly isUnsent?: boolean },
): ConnectionError {
  if (cause instanceof ConnectionError) return cause;
  const { server, isUnsent = false } = where;
  const code = codeOf(cause);
  const { problem, text, remedy } = explanationOf(cause, code);
  const detail = text ?? messageOf(cause);
  return new ConnectionError({
    problem,
    message: `${server}: ${detail}${code === '' ? '' : ` (${code})`}`,
    server,
    isUnsent,
    cause,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

interface Explanation {
  readonly problem: ConnectionProblem;
  /** What happened; absent: what the error says itself. */
  readonly text?: string;
  readonly remedy?: string;
}

const reset: Explanation = {
  problem: 'reset',
  text: 'the connection was cut before the answer was complete',
};
const untrusted: Explanation = {
  problem: 'tls-untrusted',
  text: 'the certificate of the server was not issued by an authority that is trusted here',
  remedy: 'give the certificate-authority of the cluster',
};
const expired: Explanation = {
  problem: 'tls-expired',
  text: 'the certificate of the server is not valid at this time',
  remedy: 'renew it, or correct the clock of this machine',
};
const plainHttp: Explanation = {
  problem: 'plain-http',
  text: 'the server does not speak TLS',
  remedy: 'use an http: address if this is meant',
};
const clientCertificate: Explanation = {
  problem: 'tls-client-certificate',
  text: 'the server refused the client certificate, or wants one',
  remedy: 'check client-certificate and client-key, and when they expire',
};
const unreachable: Explanation = {
  problem: 'unreachable',
  text: 'there is no way to the server',
  remedy: 'check the network and the address',
};

const explanations: Readonly<Record<string, Explanation>> = {
  ENOTFOUND: {
    problem: 'dns',
    text: 'the name of the server is not known',
    remedy: 'check the address',
  },
  EAI_AGAIN: {
    problem: 'dns',
    text: 'the name service does not answer',
    remedy: 'check the network',
  },
  ECONNREFUSED: {
    problem: 'refused',
    text: 'nothing listens there',
    remedy: 'check that the server runs, and its address and port',
  },
  ETIMEDOUT: { problem: 'timeout', text: 'there was no answer in time' },
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EADDRNOTAVAIL: unreachable,
  ECONNRESET: reset,
  ECONNABORTED: reset,
  EPIPE: reset,
  ERR_STREAM_PREMATURE_CLOSE: reset,
  ERR_HTTP2_STREAM_CANCEL: reset,
  ERR_HTTP2_STREAM_ERROR: reset,
  ERR_HTTP2_SESSION_ERROR: reset,
  ERR_HTTP2_GOAWAY_SESSION: reset,
  ERR_HTTP2_INVALID_SESSION: reset,
  ERR_SOCKET_CLOSED: reset,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: expired,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    problem: 'tls-name',
    remedy: 'use a name from the certificate, or give it as tls-server-name',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  INVALID_CA: untrusted,
  CERT_UNTRUSTED: untrusted,
  ERR_SSL_WRONG_VERSION_NUMBER: plainHttp,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plainHttp,
};

function explanationOf(cause: unknown, code: string): Explanation {
  if (cause instanceof MalformedAnswerError) {
    return {
      problem: 'malformed-answer',
      text: `the answer is not HTTP that can be relied on: ${cause.message}`,
      remedy: 'check that the address is a Kubernetes API',
    };
  }
  return explanations[code] ?? explainFamily(code);
}

function explainFamily(code: string): Explanation {
  if (/^ERR_SSL_.*(CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)/.test(code)) return clientCertificate;
  if (/^ERR_(SSL|OSSL|TLS)_/.test(code) || code === 'EPROTO') {
    return { problem: 'tls-failed', remedy: 'the server must speak TLS 1.2 or later' };
  }
  return { problem: 'unknown' };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
