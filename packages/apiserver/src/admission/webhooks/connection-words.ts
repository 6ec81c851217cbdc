import { messageOf } from '@fairway/host';
import { hostPort } from '@fairway/protocol';
import type { WebhookEndpoint } from '../../calls/dial.ts';

type Words = (endpoint: WebhookEndpoint) => string;

const unverified = 'tls: failed to verify certificate: x509: ';
const untrusted: Words = () => `${unverified}certificate signed by unknown authority`;
const expired: Words = () => `${unverified}certificate has expired or is not yet valid`;

/** What Go says, by the codes of Node. */
const words: Readonly<Record<string, Words>> = {
  ECONNREFUSED: ({ host, port }) => `dial tcp ${hostPort(host, port)}: connect: connection refused`,
  EHOSTUNREACH: ({ host, port }) => `dial tcp ${hostPort(host, port)}: connect: no route to host`,
  ENETUNREACH: ({ host, port }) =>
    `dial tcp ${hostPort(host, port)}: connect: network is unreachable`,
  ETIMEDOUT: ({ host, port }) => `dial tcp ${hostPort(host, port)}: i/o timeout`,
  ENOTFOUND: ({ host }) => `dial tcp: lookup ${host}: no such host`,
  ECONNRESET: () => 'EOF',
  ERR_SSL_WRONG_VERSION_NUMBER: () => 'http: server gave HTTP response to HTTPS client',
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: expired,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ host }) => `${unverified}certificate is not valid for ${host}`,
};

/** Why a webhook was not reached, in the words of a kube-apiserver where there are some. */
export function connectionWords(failure: unknown, endpoint: WebhookEndpoint): string {
  for (let cause = failure; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const known = code === undefined ? undefined : words[code];
    if (known !== undefined) return known(endpoint);
  }
  return messageOf(failure);
}
