import type { Node, Taint } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type Amounts, writtenAmounts } from './amounts.ts';

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
  const labels = metadata?.labels ?? {};
  const allocatable = writtenAmounts(status?.allocatable);
  const { others } = allocatable;
  const images = new Map<string, number>();
  for (const { names = [], sizeBytes = 0 } of status?.images ?? []) {
    for (const name of names) images.set(name, Number(sizeBytes));
  }
  return {
    name: metadata?.name ?? '',
    labels,
    taints: spec?.taints ?? [],
    isUnschedulable: spec?.unschedulable === true,
    allocatable,
    podsMax: others.get('pods') ?? 0,
    zone: zoneOf(labels),
    images,
  };
}

/** Nodes of different zones; without labels for either all are in one, which is empty. */
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
