import { RuntimeError } from '../runtime/runtime-error.ts';

/**
 * The first address of a network that nobody has. The first two are not given away: the network's own, and
 * that of the machine in it.
 *
 * Shape: `10.244.0.0/24`. Errors: `RuntimeError` when all are taken.
 */
export function freeAddress(network: string, taken: ReadonlySet<string>): string {
  const [base = '', bits = '32'] = network.split('/');
  const first = base.split('.').reduce((number, part) => number * 256 + Number(part), 0);
  const count = 2 ** (32 - Number(bits));
  for (let index = 2; index < count - 1; index += 1) {
    const address = dotted(first + index);
    if (!taken.has(address)) return address;
  }
  throw new RuntimeError('failed', `all addresses of ${network} are taken by pods of this node`);
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
