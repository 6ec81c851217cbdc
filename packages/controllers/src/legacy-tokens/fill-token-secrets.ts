import type { Client } from '@fairway/client';
import { Secret, ServiceAccount } from '@fairway/kinds/core/v1';
import { type KubernetesObject, annotationsOf, nameSuffix } from '@fairway/protocol';
import {
  type Change,
  type Controller,
  isBeingDeleted,
  keyOf,
  unlessOutdated,
  deleteUnlessOutdated,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts, LegacyTokens } from '../controller-parts.ts';
import {
  accountKeyOf,
  accountNameKey,
  accountUidKey,
  isFor,
  isReferenced,
  secretsByAccount,
  tokenSecretType,
  tokenSecrets,
} from './token-secrets.ts';

/**
 * Puts tokens into the secrets that ask for one, deletes those whose account is gone, and takes
 * secrets that are gone out of `secrets` of their account. Where tokens are given to every account,
 * an account without a secret gets one. Source: kube-controller-manager, serviceaccount-token.
 */
export function fillTokenSecrets(parts: ControllerParts): Controller | undefined {
  const { client, informers, legacyTokens } = parts;
  if (legacyTokens === undefined) return undefined;
  const secrets = secretsByAccount(informers);
  // By account, names of deleted secrets that it may still list.
  const gone = new Map<string, Set<string>>();
  const work = new TokenSecrets(client, { ...parts, legacyTokens });
  return sharedController(parts, ServiceAccount, {
    concurrency: 4,
    watches: [watchShared(Secret, keysOfAccount, tokenSecrets)],
    async reconcile({ key, namespace, name: accountName, object, signal }) {
      const account =
        object ?? (await client.find(ServiceAccount, accountName, { namespace, signal }));
      for (const secret of secrets.by('account', key)) {
        if (isBeingDeleted(secret)) continue;
        if (account === undefined || !isFor(secret, account)) await work.remove(secret, signal);
        else await work.fill(secret, account, signal);
      }
      if (account === undefined || isBeingDeleted(account)) {
        gone.delete(key);
        return;
      }
      const missing = [...(gone.get(key) ?? [])].filter((each) => isReferenced(account, each));
      if (missing.length > 0) await work.forget(account, missing, signal);
      gone.delete(key);
      if (legacyTokens.areGivenToEveryAccount) await work.give(account, signal);
    },
  });

  function keysOfAccount({ type, object }: Change<KubernetesObject>): readonly string[] {
    const account = accountKeyOf(object);
    if (type === 'deleted') {
      const names = gone.get(account) ?? new Set();
      gone.set(account, names.add(object.metadata?.name ?? ''));
    }
    return [account];
  }
}

/** The writes of this controller. What has changed meanwhile comes again with its event. */
class TokenSecrets {
  readonly #client: Client;
  readonly #tokens: LegacyTokens;
  readonly #rootCertificates: string;

  constructor(
    client: Client,
    parts: { readonly legacyTokens: LegacyTokens; readonly rootCertificates: string },
  ) {
    this.#client = client;
    this.#tokens = parts.legacyTokens;
    this.#rootCertificates = parts.rootCertificates;
  }

  async fill(secret: Secret, account: ServiceAccount, signal: AbortSignal): Promise<void> {
    const { name = '' } = secret.metadata ?? {};
    const annotations = annotationsOf(secret);
    const fixed = this.#dataOf(account);
    const isFilled =
      !!secret.data?.['token'] &&
      Object.entries(fixed).every(([key, value]) => secret.data?.[key] === value) &&
      annotations[accountUidKey] === account.metadata?.uid;
    if (isFilled) return;
    const token = secret.data?.['token'] || (await this.#issue(account, name));
    const filled = {
      ...secret,
      metadata: {
        ...secret.metadata,
        annotations: { ...annotations, [accountUidKey]: account.metadata?.uid ?? '' },
      },
      data: { ...secret.data, ...fixed, token },
    };
    await unlessOutdated(this.#client.replace(Secret, filled, { signal }));
  }

  async remove(secret: Secret, signal: AbortSignal): Promise<void> {
    await deleteUnlessOutdated(this.#client, Secret, secret, { signal });
  }

  async forget(
    account: ServiceAccount,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const secrets = account.secrets?.filter(({ name }) => !names.includes(name ?? ''));
    await this.#client.replace(ServiceAccount, { ...account, secrets: secrets ?? [] }, { signal });
  }

  /** A secret of its own for an account that lists none with a token. */
  async give(cached: ServiceAccount, signal: AbortSignal): Promise<void> {
    const { namespace = '', name = '', uid = '', resourceVersion } = cached.metadata ?? {};
    const account = await this.#client.find(ServiceAccount, name, { namespace, signal });
    // Another one than we have seen: its event is on its way.
    if (account?.metadata?.resourceVersion !== resourceVersion || account === undefined) return;
    for (const reference of account.secrets ?? []) {
      const found = await this.#client.find(Secret, reference.name ?? '', { namespace, signal });
      if (found?.type === tokenSecretType && accountKeyOf(found) === keyOf(account)) return;
    }
    const secretName = `${name}-token-${nameSuffix(this.#client.random)}`;
    const annotations = { [accountNameKey]: name, [accountUidKey]: uid };
    const token = await this.#issue(account, secretName);
    const secret: Secret = {
      metadata: { name: secretName, namespace, annotations },
      type: tokenSecretType,
      data: { ...this.#dataOf(account), token },
    };
    const made = await unlessOutdated(this.#client.create(Secret, secret, { signal }));
    if (made === undefined) return;
    const secrets = [...(account.secrets ?? []), { name: secretName }];
    const listed = await unlessOutdated(
      this.#client.replace(ServiceAccount, { ...account, secrets }, { signal }),
    );
    if (listed === undefined) await this.remove(made, signal);
  }

  async #issue({ metadata }: ServiceAccount, secretName: string): Promise<string> {
    const { namespace = '', name = '', uid = '' } = metadata ?? {};
    const token = await this.#tokens.issue({ account: { namespace, name, uid }, secretName });
    // Into the secret that is there to hold it.
    return encode(token.reveal());
  }

  #dataOf({ metadata }: ServiceAccount): Readonly<Record<string, string>> {
    return {
      'ca.crt': encode(this.#rootCertificates),
      namespace: encode(metadata?.namespace ?? ''),
    };
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}
