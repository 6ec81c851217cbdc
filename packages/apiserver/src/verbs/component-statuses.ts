import type { Lease } from '@fairway/kinds/coordination/v1';
import type { ComponentStatus } from '@fairway/kinds/core/v1';
import {
  type HttpResponse,
  type KubernetesObject,
  type ListOptions,
  notFound,
} from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { Call } from '../calls/call.ts';
import { encodeList } from '../content/encode-list.ts';
import { encodeObject } from '../content/encode-object.ts';
import { chooseRepresentation } from '../content/representation.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import type { ReadParts } from '../reads/read-page.ts';
import { isSelected, selectObjects } from '../reads/selection.ts';
import { storageKey } from '../storage/storage-key.ts';

/** To tell how the parts of a cluster are. */
export interface ComponentParts extends ReadParts {
  readonly cluster: ClusterReader;
  /** Those of this process, by name: what is wrong with each, undefined when nothing is. */
  readonly components: ReadonlyMap<string, () => Promise<string | undefined>>;
}

/** Parts of a cluster, which are asked how they are when somebody wants to know. */
const components: readonly {
  readonly name: string;
  /** What is wrong with it; undefined when nothing is. */
  readonly problem: (parts: ComponentParts) => Promise<string | undefined>;
}[] = [
  {
    name: 'controller-manager',
    problem: (parts) => leaseProblem(parts, 'kube-controller-manager'),
  },
  // The name that clients know for what keeps the objects.
  { name: 'etcd-0', problem: ({ store }) => store.problem() },
  { name: 'scheduler', problem: (parts) => leaseProblem(parts, 'kube-scheduler') },
];

/** Whether a resource is about the parts of the cluster, and stored nowhere. */
export function isComponentStatus({ group, plural }: Call['resource']): boolean {
  return group === '' && plural === 'componentstatuses';
}

/** Answers `GET` on `componentstatuses`. Source: v1 ComponentStatus. */
export async function listComponentStatuses(
  call: Call<ComponentParts>,
  options: ListOptions,
): Promise<HttpResponse> {
  const { resource, parts } = call;
  const representation = chooseRepresentation(call.request, resource);
  const selection = selectObjects(resource, '', options);
  const { start, end } = selection.range;
  const entries: StoreEntry[] = [];
  for (const { name } of components) {
    const key = storageKey(resource, '', name);
    const value = Buffer.from(JSON.stringify(await statusOf(parts, name)));
    const entry: StoreEntry = { key, value, createRevision: 0, revision: 0 };
    if (key >= start && key < end && isSelected(selection, entry, { resource, facts: parts.facts }))
      entries.push(entry);
  }
  return encodeList(call, representation, { entries, metadata: {}, isConverted: true });
}

/** Answers `GET` on one of them. */
export async function getComponentStatus(call: Call<ComponentParts>): Promise<HttpResponse> {
  const { resource, parts, target } = call;
  const representation = chooseRepresentation(call.request, resource);
  const object = await statusOf(parts, target.name);
  if (object === undefined) throw notFound({ ...resource, name: target.name });
  return encodeObject(call, representation, { status: 200, object });
}

async function statusOf(
  parts: ComponentParts,
  name: string,
): Promise<(ComponentStatus & KubernetesObject) | undefined> {
  const component = components.find((each) => each.name === name);
  if (component === undefined) return undefined;
  const here = parts.components.get(name);
  const problem = await (here === undefined ? component.problem(parts) : here());
  const health =
    problem === undefined
      ? { status: 'True', message: 'ok' }
      : { status: 'False', message: problem };
  return {
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name },
    conditions: [{ type: 'Healthy', ...health }],
  };
}

/** A part that elects its leader is well while that leader renews its lease. */
async function leaseProblem(
  { cluster, clock }: ComponentParts,
  name: string,
): Promise<string | undefined> {
  const place = { namespace: 'kube-system', name };
  const lease = await cluster.find<Lease & KubernetesObject>(
    'coordination.k8s.io',
    'leases',
    place,
  );
  const { holderIdentity = '', renewTime = '', leaseDurationSeconds = 0 } = lease?.spec ?? {};
  const endsMs = Date.parse(renewTime) + leaseDurationSeconds * 1_000;
  if (holderIdentity !== '' && endsMs > clock.now()) return undefined;
  return `nobody renews the lease kube-system/${name}`;
}
