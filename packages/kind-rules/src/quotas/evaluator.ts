import type { ScopedResourceSelectorRequirement } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { Usage } from './usage.ts';

/** How objects of one resource count in quotas. Source: Kubernetes documentation, resource quotas. */
export interface Evaluator<T> {
  /** Whether a quota over `name` counts these objects. */
  readonly isOf: (name: string) => boolean;
  /** What an object counts with. */
  readonly usage: (object: T, nowMs: number) => Usage;
  /** Whether a quota with this scope counts an object; absent: one with a scope counts none of them. */
  readonly isInScope?: (object: T, scope: Scope) => boolean;
  /**
   * What an object must say and does not, where a quota is over `names`, in the words of Kubernetes:
   * `limits.cpu for: main`. Absent: nothing.
   */
  readonly unsaid?: (object: T, names: readonly string[]) => readonly string[];
  /** Whether what an update makes of an object counts, too; absent: objects count once. */
  readonly countsUpdates?: true;
}

export type Scope = DeepReadonly<ScopedResourceSelectorRequirement>;

/** The scopes that there are. */
export const scopeNames: readonly string[] = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
] satisfies Scope['scopeName'][];

/** As a label selector over one label, which is there unless the name is empty. */
export function isNameMeant(
  name: string,
  { operator, values = [] }: Omit<Scope, 'scopeName'>,
): boolean {
  switch (operator) {
    case 'Exists':
      return name !== '';
    case 'DoesNotExist':
      return name === '';
    case 'In':
      return name !== '' && values.includes(name);
    case 'NotIn':
      return name === '' || !values.includes(name);
  }
}
