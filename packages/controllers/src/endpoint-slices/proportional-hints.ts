import { nodeReadiness } from '@fairway/kind-rules/nodes';
import type { Node, Service } from '@fairway/kinds/core/v1';
import type { Endpoint } from '@fairway/kinds/discovery/v1';
import { type DeepReadonly, labelsOf, parseQuantity } from '@fairway/protocol';
import { zoneLabel } from './pod-endpoint.ts';

/** How much more traffic than the others an endpoint may get. Source: Kubernetes, topology aware routing. */
const overloadMax = 0.2;

/** A service that wants its endpoints given to zones by the CPUs that those have. */
export function wantsProportionalHints({ metadata }: DeepReadonly<Service>): boolean {
  const { annotations = {} } = metadata ?? {};
  const mode =
    annotations['service.kubernetes.io/topology-mode'] ??
    annotations['service.kubernetes.io/topology-aware-hints'];
  return mode === 'Auto' || mode === 'auto';
}

/** The share of the CPUs that each zone has; undefined where nodes do not tell, or there is one zone. */
export function cpuShares(
  nodes: Iterable<DeepReadonly<Node>>,
): ReadonlyMap<string, number> | undefined {
  const cpus = new Map<string, number>();
  for (const node of nodes) {
    const labels = labelsOf(node);
    const isReady = nodeReadiness(node) === 'True';
    if (excluding.some((label) => label in labels) || !isReady) continue;
    const cpu = Number(
      parseQuantity(String(node.status?.allocatable?.['cpu'] ?? '0'))?.nanos ?? 0n,
    );
    const zone = labels[zoneLabel] ?? '';
    if (zone === '' || cpu === 0) return undefined;
    cpus.set(zone, (cpus.get(zone) ?? 0) + cpu);
  }
  const total = [...cpus.values()].reduce((sum, cpu) => sum + cpu, 0);
  if (cpus.size < 2) return undefined;
  return new Map([...cpus].map(([zone, cpu]) => [zone, cpu / total]));
}

const excluding = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/**
 * Gives each endpoint that is ready a zone whose clients are to use it: its own, or that of one that has
 * fewer endpoints than its share of the CPUs. Answers why not, where that would overload some.
 */
export function proportionalHints(
  endpoints: readonly Endpoint[],
  shares: ReadonlyMap<string, number> | undefined,
): { readonly endpoints: readonly Endpoint[] } | { readonly problem: string } {
  if (shares === undefined) return { problem: insufficientNodes };
  const ready = endpoints.filter(isReady);
  const told = `(${ready.length} endpoints, ${shares.size} zones)`;
  if (shares.size > ready.length) return { problem: `Insufficient number of endpoints ${told}` };
  const minima = new Map(
    [...shares].map(([zone, share]) => [
      zone,
      Math.ceil((share * ready.length) / (1 + overloadMax)),
    ]),
  );
  const needed = [...minima.values()].reduce((sum, count) => sum + count, 0);
  if (needed > ready.length) return { problem: `${overloaded} ${told}` };
  if (ready.some(({ zone }) => zone === undefined)) return { problem: withoutZone };
  const desired = new Map(
    [...shares].map(([zone, share]) => [
      zone,
      Math.max(share * ready.length, minima.get(zone) ?? 0),
    ]),
  );
  const gifts = giftsBetween(desired, ready);
  return { endpoints: endpoints.map((endpoint) => withHint(endpoint, gifts)) };
}

const insufficientNodes =
  'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
const overloaded =
  'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold';
const withoutZone = 'One or more endpoints do not have a zone specified';

/** Zones that get an endpoint of a zone, once for each of them. */
type Gifts = ReadonlyMap<string, string[]>;

/** As long as one zone has a whole endpoint too many and another one too few. */
function giftsBetween(desired: ReadonlyMap<string, number>, ready: readonly Endpoint[]): Gifts {
  const surplus = new Map<string, number>();
  for (const [zone, count] of desired) surplus.set(zone, -count);
  for (const { zone = '' } of ready) surplus.set(zone, (surplus.get(zone) ?? 0) + 1);
  const gifts = new Map<string, string[]>();
  for (;;) {
    const sorted = [...surplus].toSorted(([a, one], [b, other]) => one - other || (a < b ? -1 : 1));
    const [receiver, giver] = [sorted[0], sorted.at(-1)];
    if (receiver === undefined || giver === undefined) return gifts;
    if (receiver[1] > -1 || giver[1] < 1) return gifts;
    surplus.set(receiver[0], receiver[1] + 1);
    surplus.set(giver[0], giver[1] - 1);
    gifts.set(giver[0], [...(gifts.get(giver[0]) ?? []), receiver[0]]);
  }
}

function withHint(endpoint: Endpoint, gifts: Gifts): Endpoint {
  const { hints: _, ...rest } = endpoint;
  if (!isReady(endpoint)) return rest;
  const { zone = '' } = endpoint;
  return { ...rest, hints: { forZones: [{ name: gifts.get(zone)?.shift() ?? zone }] } };
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready === true;
}
