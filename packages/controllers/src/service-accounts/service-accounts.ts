import { isAlreadyExists, isNamespaceTerminating, isNotFound } from '@fairway/client';
import { Namespace, ServiceAccount } from '@fairway/kinds/core/v1';
import { type Controller, formatKey, isBeingDeleted } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';

const accountName = 'default';
const accountsOfThatName = {
  fieldSelector: `metadata.name=${accountName}`,
  as: 'metadata',
} as const;

/** Keeps a ServiceAccount `default` in every namespace, for pods that name none. */
export function serviceAccounts(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const accounts = sharedInformer(informers, ServiceAccount, accountsOfThatName);
  return sharedController(parts, Namespace, {
    as: 'metadata',
    concurrency: 4,
    watches: [
      watchShared(
        ServiceAccount,
        ({ type, object }) => (type === 'deleted' ? [object.metadata?.namespace ?? ''] : []),
        accountsOfThatName,
      ),
    ],
    async reconcile({ name: namespace, object, signal }) {
      if (object === undefined || isBeingDeleted(object)) return;
      if (accounts.get(formatKey({ namespace, name: accountName })) !== undefined) return;
      try {
        const metadata = { name: accountName, namespace };
        await client.create(ServiceAccount, { metadata }, { signal });
      } catch (error) {
        const isOver = isNotFound(error) || isNamespaceTerminating(error);
        if (!isAlreadyExists(error) && !isOver) throw error;
      }
    },
  });
}
