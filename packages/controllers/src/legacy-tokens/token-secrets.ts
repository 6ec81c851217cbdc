import { Pod, Secret, ServiceAccount } from '@fairway/kinds/core/v1';
import { annotationsOf } from '@fairway/protocol';
import { type Informer, type Informers, formatKey } from '@fairway/reconcile';
import { sharedInformer } from '../caches/shared-informer.ts';

/** The type of a secret that holds a service account's token. Source: Kubernetes, Secret types. */
export const tokenSecretType = 'kubernetes.io/service-account-token';
export const accountNameKey = 'kubernetes.io/service-account.name';
export const accountUidKey = 'kubernetes.io/service-account.uid';

/** Selects those secrets. */
export const tokenSecrets = { fieldSelector: `type=${tokenSecretType}` } as const;

/** `NAMESPACE/NAME` of the account that a secret is for. */
export function accountKeyOf(secret: Secret): string {
  const { namespace = '' } = secret.metadata ?? {};
  return formatKey({ namespace, name: annotationsOf(secret)[accountNameKey] ?? '' });
}

/** The secrets of every account, found by `accountKeyOf`. */
export function secretsByAccount(informers: Informers): Informer<Secret> {
  const secrets = sharedInformer(informers, Secret, tokenSecrets);
  secrets.addIndex('account', accountKeyOf);
  return secrets;
}

/** Whether a secret is for this very account, and not for a former one of its name. */
export function isFor(secret: Secret, { metadata }: ServiceAccount): boolean {
  const uid = annotationsOf(secret)[accountUidKey];
  return uid === undefined || uid === '' || uid === metadata?.uid;
}

export function isReferenced({ secrets = [] }: ServiceAccount, name: string): boolean {
  return secrets.some((reference) => reference.name === name);
}

/**
 * Secrets that a pod names anywhere: too many rather than too few, for they decide what is kept.
 */
export function secretNamesOf({ spec }: Pod): readonly string[] {
  const names: string[] = [];
  const visit = (value: unknown, isSecret: boolean): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, isSecret);
    if (typeof value === 'string' && isSecret) names.push(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [key, field] of Object.entries(value)) {
      visit(field, /secret/i.test(key) || (isSecret && key === 'name'));
    }
  };
  visit(spec, false);
  return names;
}
