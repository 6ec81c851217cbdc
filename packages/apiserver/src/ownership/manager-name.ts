import { type WriteOptions, headerOf } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';

const managerBytesMax = 128;

/**
 * Who a write is by, as `managedFields` name it: what the caller says, or what its `User-Agent` says
 * before the first `/`, as much of it as can be printed.
 *
 * Source: kube-apiserver, `managerOrUserAgent`.
 */
export function managerName({ request }: Call, { fieldManager = '' }: WriteOptions): string {
  if (fieldManager !== '') return fieldManager;
  const [agent = ''] = (headerOf(request.headers, 'user-agent') ?? '').split('/');
  let [manager, bytes] = ['', 0];
  for (const character of agent) {
    if (character !== ' ' && /[\p{C}\p{Z}]/u.test(character)) continue;
    bytes += Buffer.byteLength(character);
    if (bytes > managerBytesMax) break;
    manager += character;
  }
  return manager === '' ? 'unknown' : manager;
}
