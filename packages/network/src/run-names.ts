import { untilAborted } from '@fairway/host';
import { type ComponentApi, clientAs, createInformers } from '@fairway/reconcile';
import { keepDnsService } from './names/keep-dns-service.ts';
import { type ClusterNamesOptions, openNames } from './names/open-names.ts';
import { administrator } from './network-users.ts';

export type NamesOptions = ComponentApi &
  Omit<ClusterNamesOptions, 'informers'> & {
    /** False where another server is behind the service, and pods ask this one at its own address. */
    readonly keepsService: boolean;
  };

/**
 * Is the DNS of a cluster until the signal aborts: answers for its names and, if it is to, keeps the service
 * `kube-dns`, by which pods ask.
 *
 * Errors: `NamesError` where the address is not to be had; what has ended it.
 */
export async function runNames(options: NamesOptions, signal: AbortSignal): Promise<void> {
  const { logger } = options;
  const client = clientAs(options, administrator, 'coredns/fairway');
  const informers = options.informers ?? createInformers({ client, signal, logger });
  // One that fails ends the other.
  const stopping = new AbortController();
  const both = AbortSignal.any([signal, stopping.signal]);
  try {
    await using names = await openNames({ ...options, informers }, both);
    const server = names.address;
    logger.info('names of the cluster are answered', { ...server });
    const keeping = options.keepsService
      ? keepDnsService({ ...options, client, informers, server }, both)
      : untilAborted(both);
    try {
      await Promise.race([keeping, names.failed]);
    } finally {
      stopping.abort();
      await keeping.catch(() => undefined);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
