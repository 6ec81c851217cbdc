import type { Evaluator, Scope, Usage } from '@fairway/kind-rules/quotas';
import type { KubernetesObject } from '@fairway/protocol';

/** What may be used only where a quota covers it. Source: apiserver.config.k8s.io/v1 LimitedResource. */
export interface LimitedResource {
  readonly group: string;
  /** `pods` */
  readonly plural: string;
  /** A name in quotas that contains one of these is limited: `requests.cpu`. */
  readonly matchContains: readonly string[];
  readonly matchScopes: readonly Scope[];
}

/** What is limited of what an object uses, and in no quota's `names`. */
export function uncoveredNames(
  used: Usage,
  limited: readonly LimitedResource[],
  names: ReadonlySet<string>,
): readonly string[] {
  const isLimited = (name: string): boolean =>
    limited.some(({ matchContains }) => matchContains.some((part) => name.includes(part)));
  return [...used]
    .filter(([name, amount]) => amount.nanos > 0n && isLimited(name) && !names.has(name))
    .map(([name]) => name)
    .toSorted();
}

/** The limited scopes of an object that no quota has among its own. */
export function uncoveredScopes(
  {
    evaluator,
    object,
  }: {
    readonly evaluator: Evaluator<unknown>;
    readonly object: KubernetesObject;
  },
  limited: readonly LimitedResource[],
  accounts: readonly { readonly scopes: readonly Scope[] }[],
): readonly Scope[] {
  const isIn = (scope: Scope): boolean => evaluator.isInScope?.(object, scope) === true;
  const covered = accounts.flatMap(({ scopes }) => scopes.filter(isIn));
  return limited
    .flatMap(({ matchScopes }) => matchScopes.filter(isIn))
    .filter(({ scopeName }) => !covered.some((scope) => scope.scopeName === scopeName));
}

/** As Kubernetes writes them: `[{PriorityClass In [a b]}]`. */
export function scopesInWords(scopes: readonly Scope[]): string {
  const words = scopes.map(
    ({ scopeName, operator, values = [] }) => `{${scopeName} ${operator} [${values.join(' ')}]}`,
  );
  return `[${words.join(' ')}]`;
}
