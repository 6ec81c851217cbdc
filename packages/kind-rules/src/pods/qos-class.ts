import { type Quantity, compareQuantities, parseQuantity } from '@fairway/protocol';

const qosResources = ['cpu', 'memory'];

type Amounts = Readonly<Record<string, string | number>>;

interface ResourceHolder {
  readonly resources?: { readonly requests?: Amounts; readonly limits?: Amounts };
}

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/**
 * Which pods a node evicts first when it runs short, from their requests and limits.
 * Source: Kubernetes documentation, "Pod Quality of Service Classes".
 */
export function qosClassOf(
  spec: ResourceHolder & {
    readonly containers?: readonly ResourceHolder[];
    readonly initContainers?: readonly ResourceHolder[];
  },
): QosClass {
  const holders =
    spec.resources?.requests || spec.resources?.limits
      ? [spec.resources]
      : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(
          (container) => container.resources ?? {},
        );
  let isAnythingAsked = false;
  let isGuaranteed = holders.length > 0;
  for (const { requests = {}, limits = {} } of holders) {
    for (const name of qosResources) {
      const request = positive(requests[name]);
      const limit = positive(limits[name]);
      if (request !== undefined || limit !== undefined) isAnythingAsked = true;
      if (limit === undefined) isGuaranteed = false;
      else if (request !== undefined && compareQuantities(request, limit) !== 0)
        isGuaranteed = false;
    }
  }
  if (!isAnythingAsked) return 'BestEffort';
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

function positive(amount: string | number | undefined): Quantity | undefined {
  const quantity = amount === undefined ? undefined : parseQuantity(String(amount));
  return quantity !== undefined && quantity.nanos > 0n ? quantity : undefined;
}
