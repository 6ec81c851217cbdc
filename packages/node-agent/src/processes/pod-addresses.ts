import { RuntimeError } from '../runtime/runtime-error.ts';

/**
 * The first address of a network that nobody has. The first two are not given away: the network's own, and
 * that of the machine in it.
 *
 * Shape: `10.244.0.0/24`. Errors: `RuntimeError` when all are taken.
 */
export function freeAddress(network: string, taken: ReadonlySet<string>): string {
  const { first, bits } = parsed(network);
  const count = 2 ** (32 - bits);
  for (let index = 2; index < count - 1; index += 1) {
    const address = dotted(first + index);
    if (!taken.has(address)) return address;
  }
  throw new RuntimeError('failed', `all addresses of ${network} are taken by pods of this node`);
}

/** The address of the machine in a network, the second one of all. Shape: as `freeAddress`. */
export function gatewayOf(network: string): string {
  return dotted(parsed(network).first + 1);
}

function parsed(network: string): { readonly first: number; readonly bits: number } {
  const [base = '', bits = '32'] = network.split('/');
  const first = base.split('.').reduce((number, part) => number * 256 + Number(part), 0);
  return { first, bits: Number(bits) };
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
