import type { Namespace } from '@fairway/kinds/core/v1';
import { type FieldError, equalsJson } from '@fairway/protocol';
import {
  type Labels,
  type LevelVersion,
  type Policy,
  isEquivalent,
  isFullyPrivileged,
  labelPrefix,
  modes,
  readPolicy,
  strictness,
  textOf,
} from './namespace-policy.ts';

/** What is to be done about the labels of a namespace that is made or changed. */
export type NamespaceChange =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] }
  /** Pods are held to something, or to other rules than before. */
  | { readonly kind: 'stricter'; readonly policy: Policy };

/** Labels that mean nothing may stay, where they were before anybody looked. */
export function namespaceChange(
  namespace: Namespace,
  stored: Namespace | undefined,
  defaults: Policy,
): NamespaceChange {
  const { policy, errors } = readPolicy(namespace.metadata?.labels, defaults);
  if (stored === undefined) {
    return errors.length > 0 ? { kind: 'invalid', errors } : { kind: 'stricter', policy };
  }
  const before = readPolicy(stored.metadata?.labels, defaults);
  if (errors.length > 0 && !equalsJson(errors, before.errors)) return { kind: 'invalid', errors };
  return isStricter(policy.enforce, before.policy.enforce)
    ? { kind: 'stricter', policy }
    : { kind: 'nothing' };
}

/** The same level of another version may be stricter. */
function isStricter(now: LevelVersion, before: LevelVersion): boolean {
  if (now.level === 'privileged' || textOf(now) === textOf(before)) return false;
  return now.version !== before.version || strictness(now.level) > strictness(before.level);
}

/** What to tell who labels a namespace whose pods are held to nothing; undefined: it asks for nothing. */
export function exemptNamespaceWarning(
  { metadata }: Namespace,
  policy: Policy,
  defaults: Policy,
): string | undefined {
  if (isFullyPrivileged(policy) || isEquivalent(policy, defaults)) return undefined;
  const { name, labels = {} } = metadata ?? {};
  const asked = modes
    .filter((mode) => policy[mode].level !== 'privileged' && isLabelled(labels, mode))
    .map((mode) => `${mode}=${textOf(policy[mode])}`);
  return `namespace "${name}" is exempt from Pod Security, and the policy (${asked.join(', ')}) will be ignored`;
}

function isLabelled(labels: Labels, mode: string): boolean {
  return `${labelPrefix}${mode}` in labels || `${labelPrefix}${mode}-version` in labels;
}
