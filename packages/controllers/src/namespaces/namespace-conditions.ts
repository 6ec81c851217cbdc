import type { NamespaceCondition } from '@fairway/kinds/core/v1';

/** What became of an attempt to empty a namespace. Empty texts: nothing to complain of. */
export interface ContentReport {
  /** Why it is not known what could be in the namespace. */
  readonly discoveryFailure: string;
  /** Why some of the content could not be deleted. */
  readonly contentFailure: string;
  /** How many objects of each resource are left, by `pods.`, `deployments.apps`. */
  readonly remaining: ReadonlyMap<string, number>;
  /** How many of them wait for each finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/**
 * The conditions of a namespace that goes, with the outcome of the last attempt.
 *
 * Shape: those that were there stay in their order; a condition that says the same keeps its time.
 * Source: core/v1 NamespaceConditionType.
 */
export function namespaceConditions(
  before: readonly NamespaceCondition[],
  report: ContentReport,
  now: string,
): readonly NamespaceCondition[] {
  const wanted = conditionsOf(report);
  const others = before.filter(({ type }) => !wanted.some((each) => each.type === type));
  const updated = wanted.map((condition) => {
    const known = before.find(({ type }) => type === condition.type);
    return known !== undefined && isSame(known, condition)
      ? known
      : { ...condition, lastTransitionTime: now };
  });
  return [...others, ...updated];
}

function conditionsOf(report: ContentReport): readonly NamespaceCondition[] {
  const { discoveryFailure, contentFailure, remaining, finalizers } = report;
  return [
    condition('NamespaceDeletionDiscoveryFailure', {
      problem: discoveryFailure,
      whenTrue: 'DiscoveryFailed',
      whenFalse: ['ResourcesDiscovered', 'All resources successfully discovered'],
    }),
    condition('NamespaceDeletionGroupVersionParsingFailure', {
      problem: '',
      whenTrue: 'GroupVersionParsingFailed',
      whenFalse: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    }),
    condition('NamespaceDeletionContentFailure', {
      problem: contentFailure,
      whenTrue: 'ContentDeletionFailed',
      whenFalse: [
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ],
    }),
    condition('NamespaceContentRemaining', {
      problem: sentence(
        'Some resources are remaining: ',
        remaining,
        (count, name) => `${name} has ${count} resource instances`,
      ),
      whenTrue: 'SomeResourcesRemain',
      whenFalse: ['ContentRemoved', 'All content successfully removed'],
    }),
    condition('NamespaceFinalizersRemaining', {
      problem: sentence(
        'Some content in the namespace has finalizers remaining: ',
        finalizers,
        (count, name) => `${name} in ${count} resource instances`,
      ),
      whenTrue: 'SomeFinalizersRemain',
      whenFalse: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    }),
  ];
}

function condition(
  type: string,
  says: {
    readonly problem: string;
    readonly whenTrue: string;
    readonly whenFalse: readonly [string, string];
  },
): NamespaceCondition {
  const [reason, message] = says.whenFalse;
  return says.problem === ''
    ? { type, status: 'False', reason, message }
    : { type, status: 'True', reason: says.whenTrue, message: says.problem };
}

function sentence(
  start: string,
  counts: ReadonlyMap<string, number>,
  say: (count: number, name: string) => string,
): string {
  if (counts.size === 0) return '';
  const names = [...counts.keys()].sort();
  return start + names.map((name) => say(counts.get(name) ?? 0, name)).join(', ');
}

function isSame(one: NamespaceCondition, other: NamespaceCondition): boolean {
  return (
    one.status === other.status && one.reason === other.reason && one.message === other.message
  );
}
