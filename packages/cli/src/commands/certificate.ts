import type { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { truthOf } from '../flag-values.ts';
import { selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { visitObjects } from '../selection/visit-objects.ts';
import { type WriteFlags, readWriting } from '../writes/write-flags.ts';

export interface CertificateFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly force?: string | boolean;
}

/** A decision on a request for a certificate. */
export type CertificateDecision = 'approve' | 'deny';

const decisions = {
  approve: { type: 'Approved', reason: 'KubectlApprove', operation: 'approved' },
  deny: { type: 'Denied', reason: 'KubectlDeny', operation: 'denied' },
} as const;

/** Approves or denies requests for certificates. One that is decided so already is left as it is, unless forced. */
export async function decideCertificates(
  context: CommandContext,
  {
    decision,
    names,
  }: { readonly decision: CertificateDecision; readonly names: readonly string[] },
  flags: CertificateFlags,
): Promise<void> {
  if (names.length === 0 && (flags.filename ?? []).length === 0) {
    throw new CommandError('one or more CSRs must be specified as <name> or -f <filename>');
  }
  const { type, reason, operation } = decisions[decision];
  const isForced = truthOf('--force', flags.force) === true;
  const writing = await readWriting(context, flags);
  const { signal } = context;
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const words = names.map((name) => `certificatesigningrequests.certificates.k8s.io/${name}`);
  await visitObjects(task, words, {
    doing: 'deciding',
    visit: async ({ resource, name }) => {
      const found = await client.get(resource, name, { signal });
      const { status = {} } = found as { status?: CertificateSigningRequest['status'] };
      const conditions = status.conditions ?? [];
      const opposite = decision === 'approve' ? 'Denied' : 'Approved';
      if (conditions.some((condition) => condition.type === opposite)) {
        throw new CommandError(
          `certificate signing request ${JSON.stringify(name)} is already ${opposite}`,
        );
      }
      const others = conditions.filter((condition) => condition.type !== type);
      const isDecided = others.length !== conditions.length;
      const lastUpdateTime = new Date(context.host.clock.now()).toISOString().replace(/\.\d+/, '');
      const message = `This CSR was ${operation} by kubectl certificate ${decision}.`;
      const condition = { type, status: 'True', reason, message, lastUpdateTime };
      const decided = { ...found, status: { ...status, conditions: [...others, condition] } };
      const object =
        isDecided && !isForced
          ? found
          : await client
              .subresource<typeof found>(resource, name, 'approval')
              .replace(decided, writing.options);
      await writing.print({ resource, object, operation });
    },
  });
}
