import type { ValidatingAdmissionPolicy } from '@fairway/kinds/admissionregistration/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** A kind in one version. */
export interface CheckedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A resource that the API serves. */
export interface ServedKind extends CheckedKind {
  readonly plural: string;
}

/** Those that are found first; rules may mean more. */
const kindsMax = 10;

/**
 * The kinds with which expressions of a policy are checked: those that its rules name in full, without any star.
 * Source: Kubernetes, admission/plugin/policy/validating/typechecking.go.
 */
export function checkedKinds(
  { spec }: DeepReadonly<ValidatingAdmissionPolicy>,
  served: readonly ServedKind[],
): readonly CheckedKind[] {
  const found = new Map<string, CheckedKind>();
  for (const rule of spec?.matchConstraints?.resourceRules ?? []) {
    const { apiGroups = [], apiVersions = [], resources = [] } = rule;
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue;
    const named = resources.filter((name) => !/[*/]/.test(name)).toSorted();
    for (const group of apiGroups.toSorted()) {
      for (const version of apiVersions.toSorted()) {
        for (const plural of named) {
          const kind = served.find(
            (each) => each.group === group && each.version === version && each.plural === plural,
          )?.kind;
          if (kind === undefined) continue;
          found.set(`${group}/${version}/${kind}`, { group, version, kind });
          if (found.size === kindsMax) return inOrder(found);
        }
      }
    }
  }
  return inOrder(found);
}

/** The kind of the parameters of a policy; undefined for one without any. */
export function parameterKind({
  spec,
}: DeepReadonly<ValidatingAdmissionPolicy>): CheckedKind | undefined {
  const { paramKind } = spec ?? {};
  if (paramKind === undefined) return undefined;
  const { apiVersion = '', kind = '' } = paramKind;
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, kind };
}

/** Whether a policy names in full what is not of these groups, so that its types may come, change and go. */
export function namesOtherGroups(
  policy: DeepReadonly<ValidatingAdmissionPolicy>,
  groups: ReadonlySet<string>,
): boolean {
  const rules = policy.spec?.matchConstraints?.resourceRules ?? [];
  const named = rules.flatMap(({ apiGroups = [] }) => apiGroups.filter((name) => name !== '*'));
  const parameters = parameterKind(policy);
  return [...named, ...(parameters ? [parameters.group] : [])].some((name) => !groups.has(name));
}

function inOrder(found: ReadonlyMap<string, CheckedKind>): readonly CheckedKind[] {
  const key = ({ group, version, kind }: CheckedKind): string => [group, version, kind].join('\0');
  return [...found.values()].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
