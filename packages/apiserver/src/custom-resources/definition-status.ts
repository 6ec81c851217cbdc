import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionStatus,
} from '@fairway/kinds/apiextensions/v1';

/** Names that other resources of a group have already. */
export interface TakenNames {
  /** Plural and singular names and short names. */
  readonly resources: Pick<ReadonlySet<string>, 'has'>;
  /** Kinds and kinds of lists. */
  readonly kinds: Pick<ReadonlySet<string>, 'has'>;
}

/**
 * The status that a definition should have: which of its names it got, and whether it is served.
 * The same object when nothing is to change. Source: apiextensions-apiserver, controller/status and
 * controller/establish.
 */
export function nextDefinitionStatus(
  definition: CustomResourceDefinition,
  taken: TakenNames,
  now: string,
): CustomResourceDefinitionStatus {
  const { status = {}, spec } = definition;
  const { names, conflict } = acceptNames(spec.names, status.acceptedNames, taken);
  const isEstablished = conditionOf(definition, 'Established')?.status === 'True';
  const approval = approvalOf(definition);
  const wanted: CustomResourceDefinitionCondition[] = [
    ...(approval === undefined ? [] : [approval]),
    conflict === undefined
      ? condition('NamesAccepted', 'True', { reason: 'NoConflicts', message: 'no conflicts found' })
      : condition('NamesAccepted', 'False', conflict),
  ];
  if (conflict === undefined) wanted.push(condition('Established', 'True', accepted));
  else if (!isEstablished) wanted.push(condition('Established', 'False', notAccepted));
  const conditions = withConditions(status.conditions ?? [], wanted, now);
  if (conditions === undefined && isSame(names, status.acceptedNames)) return status;
  return { ...status, acceptedNames: names, conditions: conditions ?? status.conditions ?? [] };
}

/** True once all names of a definition are its own. */
export function hasItsNames({ status, spec }: CustomResourceDefinition): boolean {
  return isSame(spec.names, status?.acceptedNames);
}

function conditionOf(
  { status }: CustomResourceDefinition,
  type: string,
): CustomResourceDefinitionCondition | undefined {
  return status?.conditions?.find((each) => each.type === type);
}

/** Puts conditions in place of those of their types; undefined when all say so already. */
export function withConditions(
  conditions: readonly CustomResourceDefinitionCondition[],
  wanted: readonly CustomResourceDefinitionCondition[],
  now: string,
): CustomResourceDefinitionCondition[] | undefined {
  const all = [...conditions];
  let isChanged = false;
  for (const each of wanted) {
    const at = all.findIndex(({ type }) => type === each.type);
    const before = all[at];
    if (
      before?.status === each.status &&
      before.reason === each.reason &&
      before.message === each.message
    ) {
      continue;
    }
    isChanged = true;
    const lastTransitionTime =
      before?.status === each.status ? (before.lastTransitionTime ?? now) : now;
    all.splice(at < 0 ? all.length : at, at < 0 ? 0 : 1, { ...each, lastTransitionTime });
  }
  return isChanged ? all : undefined;
}

export function condition(
  type: string,
  status: 'True' | 'False',
  why: { readonly reason: string; readonly message: string },
): CustomResourceDefinitionCondition {
  return { type, status, ...why };
}

const accepted = {
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
};
const notAccepted = { reason: 'NotAccepted', message: 'not all names are accepted' };

interface Conflict {
  readonly reason: string;
  readonly message: string;
}

/** Each name that is free is taken, also when another is not. The last conflict is reported. */
function acceptNames(
  wanted: CustomResourceDefinitionNames,
  before: CustomResourceDefinitionNames | undefined,
  taken: TakenNames,
): { readonly names: CustomResourceDefinitionNames; readonly conflict: Conflict | undefined } {
  const names: CustomResourceDefinitionNames = { ...wanted };
  let conflict: Conflict | undefined;
  for (const [field, reason, others] of [
    ['plural', 'PluralConflict', taken.resources],
    ['singular', 'SingularConflict', taken.resources],
    ['shortNames', 'ShortNamesConflict', taken.resources],
    ['kind', 'KindConflict', taken.kinds],
    ['listKind', 'ListKindConflict', taken.kinds],
  ] as const) {
    const inUse = [wanted[field] ?? []].flat().filter((name) => others.has(name));
    if (inUse.length === 0) continue;
    const texts = inUse.map((name) => `${JSON.stringify(name)} is already in use`);
    conflict = { reason, message: texts.length > 1 ? `[${texts.join(', ')}]` : texts.join('') };
    Object.assign(names, { [field]: before?.[field] ?? (field === 'shortNames' ? [] : '') });
  }
  return { names, conflict };
}

const approvalAnnotation = 'api-approved.kubernetes.io';

/** Groups of the Kubernetes community are for APIs that it has approved. Source: KEP-1111. */
function approvalOf(
  definition: CustomResourceDefinition,
): CustomResourceDefinitionCondition | undefined {
  if (!isProtectedGroup(definition.spec.group)) return undefined;
  const approval = definition.metadata?.annotations?.[approvalAnnotation] ?? '';
  const type = 'KubernetesAPIApprovalPolicyConformant';
  if (/^https?:\/\//.test(approval)) {
    return condition(type, 'True', {
      reason: 'ApprovedAnnotation',
      message: `approved in ${approval}`,
    });
  }
  if (!approval.startsWith('unapproved')) return undefined;
  const message = `not approved: ${JSON.stringify(approval)}`;
  return condition(type, 'False', { reason: 'UnapprovedAnnotation', message });
}

export function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

function isSame(
  one: CustomResourceDefinitionNames,
  other: CustomResourceDefinitionNames | undefined,
): boolean {
  if (other === undefined) return false;
  return (['plural', 'singular', 'kind', 'listKind', 'shortNames', 'categories'] as const).every(
    (field) => JSON.stringify(one[field] ?? []) === JSON.stringify(other[field] ?? []),
  );
}
