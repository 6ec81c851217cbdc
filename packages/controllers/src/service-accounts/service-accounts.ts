import { isAlreadyExists } from '@fairway/client';
import { Namespace, ServiceAccount } from '@fairway/kinds/core/v1';
import {
  type Controller,
  formatKey,
  informerSource,
  isBeingDeleted,
  runReconcileLoop,
} from '@fairway/reconcile';
import type { ControllerParts } from '../controller-parts.ts';
import { isNamespaceGone } from '../is-namespace-gone.ts';

const name = 'default';

/** Keeps a ServiceAccount `default` in every namespace, for pods that name none. */
export function serviceAccounts({ client, informers, logger }: ControllerParts): Controller {
  return { run };

  async function run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const namespaces = informers.of(Namespace, { as: 'metadata' });
    const accounts = informers.of(ServiceAccount, {
      allNamespaces: true,
      fieldSelector: `metadata.name=${name}`,
      as: 'metadata',
    });
    const { clock, random } = client;
    await runReconcileLoop(
      {
        name: 'service-accounts',
        clock,
        random,
        logger,
        concurrency: 4,
        sources: [
          informerSource(namespaces, ({ object }) => [object.metadata.name ?? '']),
          informerSource(accounts, ({ type, object }) =>
            type === 'deleted' ? [object.metadata.namespace ?? ''] : [],
          ),
        ],
        reconcile: (namespace, stop) => reconcile(namespace, stop),
      },
      signal,
    );

    async function reconcile(namespace: string, stop: AbortSignal): Promise<void> {
      const found = namespaces.get(namespace);
      if (found === undefined || isBeingDeleted(found)) return;
      if (accounts.get(formatKey({ namespace, name })) !== undefined) return;
      try {
        await client.create(ServiceAccount, { metadata: { name, namespace } }, { signal: stop });
      } catch (error) {
        if (!isAlreadyExists(error) && !isNamespaceGone(error)) throw error;
      }
    }
  }
}
