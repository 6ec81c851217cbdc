import { Secret } from '@fairway/host';
import type { Facts } from './step.ts';

/** Every secret that an examination knows: a server may send one back in what it says. */
export function secretsIn({ credential, target }: Facts): readonly string[] {
  const header = credential?.authorization?.reveal() ?? '';
  const value = header.slice(header.indexOf(' ') + 1);
  const [, password = ''] = header.startsWith('Basic ') ? basicPair(value) : [];
  const proxyPassword = URL.parse(target?.proxyUrl?.reveal() ?? '')?.password ?? '';
  const key = credential?.clientCertificate?.key.reveal() ?? '';
  // What is very short may be a part of anything.
  return [value, password, proxyPassword, key.trim()].filter((each) => each.length >= 4);
}

function basicPair(value: string): readonly string[] {
  const text = Buffer.from(value, 'base64').toString();
  const colon = text.indexOf(':');
  return [text.slice(0, colon), text.slice(colon + 1)];
}

/** The same value, with `[secret]` for every secret in its texts. */
export function leaveOut<T>(secrets: readonly string[], value: T): T {
  return withoutSecrets(secrets, value) as T;
}

const hidden = String(new Secret(''));

function withoutSecrets(secrets: readonly string[], value: unknown): unknown {
  if (typeof value === 'string') {
    return secrets.reduce((text, secret) => text.replaceAll(secret, hidden), value);
  }
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(secrets, each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withoutSecrets(secrets, each)]),
  );
}
