import { type ProxyName, badRequest, parseProxyName } from '@fairway/protocol';
import type { BackendEndpoint } from '../calls/dial.ts';

/** Errors: BadRequest. */
export function readProxyName(text: string, what: 'node' | 'pod' | 'service'): ProxyName {
  const read = parseProxyName(text);
  if (read === undefined) throw badRequest(`invalid ${what} request ${JSON.stringify(text)}`);
  return read;
}

export function schemeOf(said: ProxyName['scheme']): BackendEndpoint['scheme'] {
  return said === 'https' ? 'https' : 'http';
}

/** The number of a port; undefined for what is none. */
export function readPort(text: string): number | undefined {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= 65_535 ? number : undefined;
}
