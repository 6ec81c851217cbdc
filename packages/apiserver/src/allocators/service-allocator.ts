import type { Clock, Random } from '@fairway/host';
import type { Service, ServicePort } from '@fairway/kinds/core/v1';
import {
  type CompleteDraft,
  type FieldError,
  type KubernetesObject,
  formatTime,
  invalid,
  invalidValue,
} from '@fairway/protocol';
import type { Store, StoreEntry } from '@fairway/store';
import { encodeForStore } from '../storage/object-bytes.ts';
import type { Allocation, AllocationRequest, Allocator } from './allocator.ts';
import { type AddressRange, parseAddressRange } from './address-range.ts';
import { settleFamilies } from './service-families.ts';
import { otherPrefix, resourcePrefix } from '../storage/storage-key.ts';

const nodePortMin = 30_000;
const nodePortMax = 32_767;
/** Random picks before the range is searched from its start. */
const picksMax = 16;

export interface ServiceAllocatorOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly serviceClusterIpRange: string;
}

/**
 * Gives services their cluster addresses and node ports.
 *
 * What is taken is a key of the store, created with the allocation: an `IPAddress` object for an
 * address, a plain key for a port. So the store alone decides who was first.
 */
export function serviceAllocator(options: ServiceAllocatorOptions): Allocator {
  const range = parseAddressRange(options.serviceClusterIpRange);
  const parts: AllocatorParts = { ...options, range };
  return {
    allocate: (request) => allocate(parts, request),
    release: async (object) => {
      for (const key of heldKeys(parts.range, object as Service)) await free(parts, key);
    },
  };
}

interface AllocatorParts extends ServiceAllocatorOptions {
  readonly range: AddressRange;
}

async function allocate(
  parts: AllocatorParts,
  { draft, stored, isDryRun }: AllocationRequest,
): Promise<Allocation | 'busy'> {
  const service = draft as unknown as ServiceDraft;
  const before = new Set(stored === undefined ? [] : heldKeys(parts.range, stored as Service));
  const taken: string[] = [];
  let isBusy = false;
  const take = async (key: string): Promise<boolean> => {
    if (before.has(key) || taken.includes(key)) return true;
    if (isDryRun) return (await parts.store.get(key)) === undefined;
    const outcome = await parts.store.create(key, holder(parts, key, service));
    if (outcome.kind === 'created') taken.push(key);
    else if (stored === undefined || !isHolder(outcome.current, service)) return false;
    else isBusy = true;
    return true;
  };
  const cancel = async (): Promise<void> => {
    for (const key of taken) await free(parts, key);
  };
  try {
    await allocateAddress(parts, { service, stored: stored as Service | undefined }, take);
    await allocatePorts(parts, service, take);
    await allocateHealthCheckPort(parts, service, take);
  } catch (error) {
    await cancel();
    throw error;
  }
  if (isBusy) {
    await cancel();
    return 'busy';
  }
  const confirm = async (): Promise<void> => {
    if (isDryRun) return;
    const held = new Set(heldKeys(parts.range, service));
    for (const key of before) if (!held.has(key)) await free(parts, key);
  };
  return { confirm, cancel };
}

type Take = (key: string) => Promise<boolean>;

/** It has been validated. */
type ServiceDraft = CompleteDraft<Service>;

async function allocateAddress(
  parts: AllocatorParts,
  { service, stored }: { readonly service: ServiceDraft; readonly stored: Service | undefined },
  take: Take,
): Promise<void> {
  const { spec } = service;
  if (spec === undefined || spec.type === 'ExternalName') return;
  const { family } = parts.range;
  const errors = settleFamilies(spec, { family, stored: stored?.spec });
  if (errors.length > 0) throw refused(service, ...errors);
  if (spec.clusterIP === 'None') {
    spec.clusterIPs = ['None'];
    return;
  }
  const wanted = spec.clusterIP ?? spec.clusterIPs?.[0] ?? '';
  if (wanted === '') spec.clusterIP = await pickAddress(parts, service, take);
  else {
    if (!parts.range.has(wanted)) {
      const why = `failed to allocate IP ${wanted}: the provided network does not match the current range`;
      throw refused(service, invalidValue('spec.clusterIPs', [wanted], why));
    }
    if (!(await take(addressKey(wanted)))) {
      const why = `failed to allocate IP ${wanted}: provided IP is already allocated`;
      throw refused(service, invalidValue('spec.clusterIPs', [wanted], why));
    }
    spec.clusterIP = wanted;
  }
  spec.clusterIPs = [spec.clusterIP];
}

async function pickAddress(parts: AllocatorParts, service: Service, take: Take): Promise<string> {
  const { range, random } = parts;
  const picked = await pick(range.size, random, (index) => take(addressKey(range.at(index))));
  if (picked !== undefined) return range.at(picked);
  const why = `failed to allocate a serviceIP: range is full (${range.cidr})`;
  throw refused(service, invalidValue('spec.clusterIPs', [], why));
}

async function allocatePorts(
  parts: AllocatorParts,
  service: ServiceDraft,
  take: Take,
): Promise<void> {
  const { spec } = service;
  if (spec === undefined || !needsNodePorts(service)) return;
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const field = `spec.ports[${index}].nodePort`;
    if ((port.nodePort ?? 0) === 0) port.nodePort = await pickPort(parts, { service, port, take });
    else await takePort(service, port, { field, take });
  }
}

/** Where it is told whether a node has programs of the service: a port of TCP like the others. */
async function allocateHealthCheckPort(
  parts: AllocatorParts,
  service: ServiceDraft,
  take: Take,
): Promise<void> {
  const { spec } = service;
  if (spec === undefined || !needsHealthCheckPort(service)) return;
  const { healthCheckNodePort: nodePort = 0 } = spec;
  const field = 'spec.healthCheckNodePort';
  if (nodePort > 0) await takePort(service, { nodePort }, { field, take });
  else spec.healthCheckNodePort = await pickPort(parts, { service, port: {}, take });
}

type NodePort = Pick<ServicePort, 'nodePort' | 'protocol'>;

async function takePort(
  service: Service,
  port: NodePort,
  { field, take }: { readonly field: string; readonly take: Take },
): Promise<void> {
  const number = port.nodePort ?? 0;
  if (number < nodePortMin || number > nodePortMax) {
    const why = `provided port is not in the valid range. The range of valid ports is ${nodePortMin}-${nodePortMax}`;
    throw refused(service, invalidValue(field, number, why));
  }
  if (await take(portKey(port))) return;
  throw refused(service, invalidValue(field, number, 'provided port is already allocated'));
}

async function pickPort(
  { random }: AllocatorParts,
  { service, port, take }: { service: Service; port: NodePort; take: Take },
): Promise<number> {
  const size = nodePortMax - nodePortMin + 1;
  const picked = await pick(size, random, (index) =>
    take(portKey({ ...port, nodePort: nodePortMin + index })),
  );
  if (picked !== undefined) return nodePortMin + picked;
  throw refused(service, invalidValue('spec.ports', [], 'no node port is free'));
}

/** An index that `take` accepts: tried at random first, then one after the other. */
async function pick(
  size: number,
  random: Random,
  take: (index: number) => Promise<boolean>,
): Promise<number | undefined> {
  for (let tries = 0; tries < picksMax; tries++) {
    const index = Math.floor(random.fraction() * size);
    if (await take(index)) return index;
  }
  for (let index = 0; index < size; index++) if (await take(index)) return index;
  return undefined;
}

/** Where reserved addresses and ports lie in the store. */
export const addressPrefix: string = resourcePrefix({
  group: 'networking.k8s.io',
  plural: 'ipaddresses',
});
export const portPrefix: string = otherPrefix('ranges/servicenodeports');

function addressKey(address: string): string {
  return addressPrefix + address;
}

function portKey({ nodePort = 0, protocol = 'TCP' }: NodePort): string {
  return `${portPrefix}${protocol}/${nodePort}`;
}

/** The keys of the addresses and ports that a service holds. */
export function heldKeys(range: AddressRange, service: Service): readonly string[] {
  const { spec } = service;
  if (spec === undefined || spec.type === 'ExternalName') return [];
  const addresses = (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter(
    (address) => address !== '' && address !== 'None' && range.has(address),
  );
  const { healthCheckNodePort: nodePort = 0 } = spec;
  const ports: readonly NodePort[] = [
    ...(needsNodePorts(service) ? (spec.ports ?? []).filter((port) => port.nodePort) : []),
    ...(needsHealthCheckPort(service) && nodePort > 0 ? [{ nodePort }] : []),
  ];
  return [...addresses.map(addressKey), ...ports.map(portKey)];
}

function needsNodePorts({ spec }: Service): boolean {
  if (spec?.type === 'NodePort') return true;
  return spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false;
}

function needsHealthCheckPort({ spec }: Service): boolean {
  return spec?.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** Tells the addresses that were reserved here from those that people write. */
export const managedBy = {
  label: 'ipaddress.kubernetes.io/managed-by',
  value: 'ipallocator.k8s.io',
} as const;

/** The value of an allocation's key: which service holds it. */
function holder({ random, clock }: AllocatorParts, key: string, service: Service): Uint8Array {
  const { name = '', namespace = '' } = service.metadata ?? {};
  if (key.startsWith(portPrefix)) return Buffer.from(JSON.stringify({ namespace, name }));
  const address = key.slice(addressPrefix.length);
  const object = {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: {
      name: address,
      uid: random.uuid(),
      creationTimestamp: formatTime(clock.now()),
      labels: {
        'ipaddress.kubernetes.io/ip-family': address.includes(':') ? 'IPv6' : 'IPv4',
        [managedBy.label]: managedBy.value,
      },
    },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
  return encodeForStore(object as KubernetesObject);
}

function isHolder({ key, value }: StoreEntry, { metadata }: Service): boolean {
  const held = JSON.parse(Buffer.from(value).toString()) as Holder & {
    readonly spec?: { readonly parentRef?: Holder };
  };
  const { namespace, name } = (key.startsWith(portPrefix) ? held : held.spec?.parentRef) ?? {};
  return namespace === metadata?.namespace && name === metadata?.name;
}

interface Holder {
  readonly namespace?: string;
  readonly name?: string;
}

async function free({ store }: AllocatorParts, key: string): Promise<void> {
  const entry = await store.get(key);
  if (entry !== undefined) await store.delete(key, entry.revision);
}

function refused(service: Service, ...errors: readonly FieldError[]): Error {
  return invalid({ group: '', kind: 'Service', name: service.metadata?.name ?? '' }, errors);
}
