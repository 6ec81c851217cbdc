import type { DynamicObject } from '@fairway/client';
import type { Container, PodSpec } from '@fairway/kinds/core/v1';
import { CommandError } from '../command-error.ts';
import type { SelectedObject } from '../selection/select-objects.ts';

/** A change of a container, for a strategic merge; its name says which one. */
export interface ContainerPatch {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** What pods of an object are like, and how a change of that is written. */
export interface PodTemplate {
  readonly spec: PodSpec;
  /** A strategic merge of the object that makes this change of what its pods are like. */
  readonly patchOf: (change: object) => object;
}

/** Where kinds have what their pods are like; those that are not here have it in `spec.template.spec`. */
const paths: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};
const usualPath = ['spec', 'template', 'spec'];

/** Finds it in an object. Errors: `CommandError` for one that makes no pods. */
export function podTemplateOf(
  { resource, name }: SelectedObject,
  object: DynamicObject,
): PodTemplate {
  const path = paths[resource.kind] ?? usualPath;
  let found: unknown = object;
  for (const field of path)
    found = (found as Readonly<Record<string, unknown>> | undefined)?.[field];
  if (!Array.isArray((found as PodSpec | undefined)?.containers)) {
    throw new CommandError(
      `${resource.plural}/${name} the object is not a pod or does not have a pod template: ${resource.kind}`,
    );
  }
  return {
    spec: found as PodSpec,
    patchOf: (change) => path.reduceRight<object>((inner, field) => ({ [field]: inner }), change),
  };
}

/** A container, and whether it is one that runs before the others. */
export interface PlacedContainer {
  readonly container: Container;
  readonly list: 'initContainers' | 'containers';
}

/** All containers of a pod, in kubectl's order: those that run first come last. */
export function containersOf({
  initContainers = [],
  containers = [],
}: PodSpec): readonly PlacedContainer[] {
  return [
    ...containers.map((container) => ({ container, list: 'containers' }) as const),
    ...initContainers.map((container) => ({ container, list: 'initContainers' }) as const),
  ];
}

/** Those whose name fits a pattern, in which `*` stands for anything. */
export function containersLike(spec: PodSpec, pattern: string): readonly PlacedContainer[] {
  const parts = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return containersOf(spec).filter(({ container }) => expression.test(container.name));
}

/** The change of a pod that changes containers so; undefined where there is none. */
export function containersPatch(
  changes: readonly { readonly list: PlacedContainer['list']; readonly patch: ContainerPatch }[],
): object | undefined {
  if (changes.length === 0) return undefined;
  const inList = (wanted: PlacedContainer['list']): object => {
    const patches = changes.filter(({ list }) => list === wanted).map(({ patch }) => patch);
    return patches.length === 0 ? {} : { [wanted]: patches };
  };
  return { ...inList('initContainers'), ...inList('containers') };
}
