import { isAlreadyExists, isNamespaceTerminating, isNotFound } from '@fairway/client';
import { Namespace, ServiceAccount } from '@fairway/kinds/core/v1';
import { type Controller, createController, formatKey, isBeingDeleted } from '@fairway/reconcile';
import type { ControllerParts } from '../controller-parts.ts';

const accountName = 'default';
const accountsOfThatName = {
  fieldSelector: `metadata.name=${accountName}`,
  as: 'metadata',
} as const;

/** Keeps a ServiceAccount `default` in every namespace, for pods that name none. */
export function serviceAccounts(parts: ControllerParts): Controller {
  const { name, client, informers, recorder, logger } = parts;
  const accounts = informers.of(ServiceAccount, { allNamespaces: true, ...accountsOfThatName });
  return createController(client, Namespace, {
    name,
    as: 'metadata',
    informers,
    recorder,
    logger,
    concurrency: 4,
    watches: [
      {
        kind: ServiceAccount,
        ...accountsOfThatName,
        keysOf: ({ type, object }) =>
          type === 'deleted' ? [object.metadata?.namespace ?? ''] : [],
      },
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
