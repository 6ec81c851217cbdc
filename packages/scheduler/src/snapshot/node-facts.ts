import { writtenAmounts } from '@fairway/kind-rules/pods';
import type { Node, Taint } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type Amounts, amountsOf } from './amounts.ts';

/** What scheduling asks of a node, read from it once. */
export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly DeepReadonly<Taint>[];
  readonly isUnschedulable: boolean;
  readonly allocatable: Amounts;
  readonly podsMax: number;
  /** Region and zone together; empty when it tells neither. */
  readonly zone: string;
  /** Bytes of the images that it has, by their names. */
  readonly images: ReadonlyMap<string, number>;
}

export function nodeFacts({ metadata, spec, status }: DeepReadonly<Node>): NodeFacts {
  const labels = metadata?.labels ?? noLabels;
  const allocatable = amountsOf(writtenAmounts(status?.allocatable));
  const { others } = allocatable;
  const images = new Map<string, number>();
  for (const { names = [], sizeBytes = 0 } of status?.images ?? []) {
    for (const name of names) images.set(name, Number(sizeBytes));
  }
  return {
    name: metadata?.name ?? '',
    labels,
    taints: spec?.taints ?? noTaints,
    isUnschedulable: spec?.unschedulable === true,
    allocatable,
    podsMax: others.get('pods') ?? 0,
    zone: zoneOf(labels),
    images,
  };
}

/** The very same for all nodes without any: what a node has is compared by identity. */
const noLabels: NodeFacts['labels'] = {};
const noTaints: NodeFacts['taints'] = [];

/** What tells the zone and the region of a node, in the words of today and of yesterday. */
export const zoneLabels = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];
export const regionLabels = [
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/region',
];

function zoneOf(labels: Readonly<Record<string, string>>): string {
  const first = (names: readonly string[]): string =>
    names.map((name) => labels[name] ?? '').find((value) => value !== '') ?? '';
  const region = first(regionLabels);
  const zone = first(zoneLabels);
  return region === '' && zone === '' ? '' : `${region}/${zone}`;
}
