import { formatAddress, parseAddress, parseNetwork } from '@fairway/kind-rules/nodes';
import type { Service } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { LoadBalancerAddresses } from '../controller-parts.ts';

/** The address that a load balancer gets, or why it waits for one. */
export type AddressChoice =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'none'; readonly reason: string; readonly why: string };

/**
 * Chooses the address of a load balancer: the one that it asks for, else the one that it has, else the first that
 * no other service has.
 */
export function chooseAddress(
  addresses: LoadBalancerAddresses,
  { spec, status }: DeepReadonly<Service>,
  taken: ReadonlySet<string>,
): AddressChoice {
  if (addresses.kind === 'none') return none('NoAddresses', addresses.why);
  const { cidr } = addresses;
  const { first = 0, count = 0 } = parseNetwork(cidr) ?? {};
  const has = (text: string): boolean => {
    const address = parseAddress(text) ?? -1;
    return address >= first && address < first + count;
  };
  const { loadBalancerIP: asked = '' } = spec ?? {};
  if (asked !== '') {
    const wish = `spec.loadBalancerIP asks for ${asked}`;
    const bounds = `${formatAddress(first)} to ${formatAddress(first + count - 1)}`;
    if (!has(asked)) {
      return none(
        'AddressOutsideNetwork',
        `${wish}, and load balancers have ${bounds}; ask for one of these, or for none`,
      );
    }
    if (!taken.has(asked)) return { kind: 'address', address: asked };
    return none('AddressTaken', `${wish}, which another service has; ask for another one`);
  }
  const current = status?.loadBalancer?.ingress?.[0]?.ip;
  if (current !== undefined && has(current) && !taken.has(current)) {
    return { kind: 'address', address: current };
  }
  for (let at = 0; at < count; at++) {
    const address = formatAddress(first + at);
    if (!taken.has(address)) return { kind: 'address', address };
  }
  const remedy = 'delete one of them, or give more addresses with --load-balancer-cidr';
  return none('AddressesExhausted', `services have all ${count} addresses of ${cidr}; ${remedy}`);
}

function none(reason: string, why: string): AddressChoice {
  return { kind: 'none', reason, why };
}
