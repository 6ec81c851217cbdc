import { apiError } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';
import type { Dial } from '../calls/dial.ts';
import type { ConnectParts } from './destination.ts';

const whereTo = { kubelet: 'the nodes of its cluster', backend: 'what runs in its cluster' };

/** A way out that a request needs. Errors: 501 when this server has none. */
export function requireWay<Name extends keyof typeof whereTo>(
  { target, parts }: Call<ConnectParts>,
  name: Name,
): NonNullable<Dial[Name]> {
  const way = parts.dial?.[name];
  if (way !== undefined) return way;
  const what = `${target.plural}/${target.subresource}`;
  const message = `${what} is not available: this server has no way to ${whereTo[name]}`;
  throw apiError('NotImplemented', message, {});
}
