import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { BootstrapTokenParts } from '@fairway/protocol';

/** The config map by which machines that join find out which cluster it is. */
export const clusterInfoPlace = { namespace: 'kube-public', name: 'cluster-info' } as const;

/** Of its data, what is signed: where the API is, and by which authorities it is known. */
export const clusterInfoKey = 'kubeconfig';

const signaturePrefix = 'jws-kubeconfig-';

/** Under which key of the config map a token's signature lies. */
export function signatureKey(tokenId: string): string {
  return `${signaturePrefix}${tokenId}`;
}

export function isSignatureKey(key: string): boolean {
  return key.startsWith(signaturePrefix);
}

/**
 * What proves that a text comes from who knows the token too: a JWS by HMAC without the text that it signs.
 *
 * Source: Kubernetes, authenticating with bootstrap tokens, ConfigMap signing; RFC 7515 appendix F.
 */
export function signatureOf(text: string, { id, secret }: BootstrapTokenParts): string {
  const header = encode(JSON.stringify({ alg: 'HS256', kid: id }));
  return `${header}..${macOf(header, { text, secret })}`;
}

/** Whether a signature was made with the token's secret, by whoever wrote its header in whatever order. */
export function isSignedBy(
  signature: string,
  { text, token }: { readonly text: string; readonly token: BootstrapTokenParts },
): boolean {
  const [header = '', payload, mac, ...more] = signature.split('.');
  if (payload !== '' || mac === undefined || more.length > 0) return false;
  if (algorithmOf(header) !== 'HS256') return false;
  const expected = macOf(header, { text, secret: token.secret });
  return timingSafeEqual(hash('sha256', mac, 'buffer'), hash('sha256', expected, 'buffer'));
}

function algorithmOf(header: string): unknown {
  try {
    const fields: unknown = JSON.parse(Buffer.from(header, 'base64url').toString());
    return typeof fields === 'object' && fields !== null && 'alg' in fields
      ? fields.alg
      : undefined;
  } catch {
    return undefined;
  }
}

function macOf(
  header: string,
  { text, secret }: { readonly text: string; readonly secret: string },
): string {
  return createHmac('sha256', secret)
    .update(`${header}.${encode(text)}`)
    .digest('base64url');
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
