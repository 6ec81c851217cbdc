import { type PolicyRule, type Subject, uncoveredRules } from '@fairway/access';
import type {
  AggregationRule,
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
} from '@fairway/kinds/rbac/v1';
import { equalsJson } from '@fairway/protocol';

export type AnyRole = Role & Pick<ClusterRole, 'aggregationRule'>;
export type AnyBinding = RoleBinding | ClusterRoleBinding;

/** What an object becomes so that it grants what is wanted, and how it differs from what is there. */
export interface Reconciled<T> {
  readonly object: T;
  readonly operation: 'none' | 'create' | 'update' | 'recreate';
  /** The object there says that it wants to be left alone. */
  readonly isProtected: boolean;
  readonly missingRules: readonly PolicyRule[];
  readonly extraRules: readonly PolicyRule[];
  readonly missingSubjects: readonly Subject[];
  readonly extraSubjects: readonly Subject[];
}

const nothing = { missingRules: [], extraRules: [], missingSubjects: [], extraSubjects: [] };
const optOut = 'rbac.authorization.kubernetes.io/autoupdate';

/** A role as `kubectl auth reconcile` makes it out of what is there and what is wanted. */
export function reconcileRole(
  wanted: AnyRole,
  existing: AnyRole | undefined,
  { removesExtra }: { readonly removesExtra: boolean },
): Reconciled<AnyRole> {
  const rules = wanted.rules ?? [];
  if (existing === undefined) {
    const created = { object: wanted, operation: 'create', isProtected: false } as const;
    return { ...nothing, ...created, missingRules: rules };
  }
  const held = existing.rules ?? [];
  const missingRules = uncoveredRules(held, rules);
  const areAggregated =
    wanted.aggregationRule !== undefined && existing.aggregationRule !== undefined;
  const extraRules = areAggregated ? [] : uncoveredRules(rules, held);
  const { aggregationRule: _, ...rest } = existing;
  const aggregationRule = reconcileSelectors(
    wanted.aggregationRule,
    existing.aggregationRule,
    removesExtra,
  );
  const object: AnyRole = {
    ...rest,
    metadata: mergeMetadata(wanted, existing),
    rules: nextRules({ rules, held, missingRules, extraRules, removesExtra }),
    ...(aggregationRule === undefined ? {} : { aggregationRule }),
  };
  return { ...nothing, ...changeOf(object, existing), missingRules, extraRules };
}

function nextRules({
  rules,
  held,
  missingRules,
  extraRules,
  removesExtra,
}: {
  readonly rules: readonly PolicyRule[];
  readonly held: readonly PolicyRule[];
  readonly missingRules: readonly PolicyRule[];
  readonly extraRules: readonly PolicyRule[];
  readonly removesExtra: boolean;
}): readonly PolicyRule[] {
  if (!removesExtra) return [...held, ...missingRules];
  return missingRules.length + extraRules.length === 0 ? held : rules;
}

function reconcileSelectors(
  wanted: AggregationRule | undefined,
  existing: AggregationRule | undefined,
  removesExtra: boolean,
): AggregationRule | undefined {
  if (wanted === undefined) return undefined;
  const selectors = wanted.clusterRoleSelectors ?? [];
  const held = existing?.clusterRoleSelectors ?? [];
  const missing = selectors.filter((each) => !held.some((other) => equalsJson(each, other)));
  const extra = held.filter((each) => !selectors.some((other) => equalsJson(each, other)));
  if (missing.length === 0 && (!removesExtra || extra.length === 0)) return existing ?? wanted;
  return removesExtra ? wanted : { clusterRoleSelectors: [...held, ...missing] };
}

/** The same for a binding. One of another role is made anew: a binding cannot change its role. */
export function reconcileBinding<T extends AnyBinding>(
  wanted: T,
  existing: T | undefined,
  { removesExtra }: { readonly removesExtra: boolean },
): Reconciled<T> {
  const subjects = (wanted.subjects ?? []).map(complete);
  if (existing === undefined) {
    const created = { object: wanted, operation: 'create', isProtected: false } as const;
    return { ...nothing, ...created, missingSubjects: subjects };
  }
  const isProtected = existing.metadata?.annotations?.[optOut] === 'false';
  if (!isSameRole(wanted, existing)) {
    return { ...nothing, object: wanted, operation: 'recreate', isProtected };
  }
  const held = (existing.subjects ?? []).map(complete);
  const missingSubjects = without(subjects, held);
  const extraSubjects = without(held, subjects);
  const isDifferent = missingSubjects.length + extraSubjects.length > 0;
  const united = [...held, ...missingSubjects];
  const next = removesExtra ? (isDifferent ? subjects : held) : united;
  const object: T = {
    ...existing,
    metadata: mergeMetadata(wanted, existing),
    ...(existing.subjects === undefined && next.length === 0 ? {} : { subjects: next }),
  };
  return { ...nothing, ...changeOf(object, existing), missingSubjects, extraSubjects };
}

/** With the group that a server gives it. */
function complete(subject: Subject): Subject {
  const { kind, name, apiGroup = kind === 'ServiceAccount' ? '' : rbacGroup, namespace } = subject;
  return {
    kind,
    ...(apiGroup === '' ? {} : { apiGroup }),
    name,
    ...(namespace === undefined || namespace === '' ? {} : { namespace }),
  };
}

const rbacGroup = 'rbac.authorization.k8s.io';

function isSameRole({ roleRef: one }: AnyBinding, { roleRef: other }: AnyBinding): boolean {
  return one.kind === other.kind && one.name === other.name;
}

function without(all: readonly Subject[], others: readonly Subject[]): readonly Subject[] {
  const known = new Set(others.map((each) => JSON.stringify(each)));
  const left = new Map(all.map((each) => [JSON.stringify(each), each]));
  return [...left].filter(([key]) => !known.has(key)).map(([, each]) => each);
}

// What is there counts more than what is wanted, as with kubectl.
function mergeMetadata(
  { metadata: wanted }: AnyRole | AnyBinding,
  { metadata: existing }: AnyRole | AnyBinding,
): NonNullable<AnyRole['metadata']> {
  const labels = { ...wanted?.labels, ...existing?.labels };
  const annotations = { ...wanted?.annotations, ...existing?.annotations };
  return {
    ...existing,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

function changeOf<T extends AnyRole | AnyBinding>(
  object: T,
  existing: T,
): Pick<Reconciled<T>, 'object' | 'operation' | 'isProtected'> {
  const isProtected = existing.metadata?.annotations?.[optOut] === 'false';
  const isSame = equalsJson(object, existing);
  return { object, operation: isSame ? 'none' : 'update', isProtected };
}
