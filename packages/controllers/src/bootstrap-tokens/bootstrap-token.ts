import type { Secret } from '@fairway/kinds/core/v1';
import { bootstrapTokens, parseTime } from '@fairway/protocol';

/** The secrets that hold bootstrap tokens, and how to ask for them alone. */
export const bootstrapSecrets = {
  namespace: bootstrapTokens.namespace,
  fieldSelector: `type=${bootstrapTokens.type}`,
} as const;

/** A value of a secret as text; empty when it has none. */
export function textOf({ data }: Secret, key: string): string {
  return Buffer.from(data?.[key] ?? '', 'base64').toString();
}

/** When the token ends, in milliseconds since 1970: never without a time, long ago with what is none. */
export function endOf(secret: Secret): number {
  const expiration = textOf(secret, 'expiration');
  return expiration === '' ? Infinity : (parseTime(expiration) ?? 0);
}
