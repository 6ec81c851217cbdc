import type { PodTemplateSpec } from '@fairway/kinds/core/v1';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { textOf } from '../describe/lines.ts';
import { type OutcomeFlags, outcomePrinter } from '../output/print-outcome.ts';
import { typeNameOf } from '../output/type-name.ts';
import {
  type Revision,
  causeAnnotation,
  fetchRevisions,
  hasRevisions,
} from '../rollouts/revisions.ts';
import { readRevision } from '../rollouts/read-revision.ts';
import { templateText } from '../rollouts/template-text.ts';
import { visitRollouts } from '../rollouts/visit-rollouts.ts';
import { placeOf } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';

export interface RolloutHistoryFlags extends ClusterFlags, SelectionFlags, OutcomeFlags {
  readonly revision: string;
}

/** Tells which revisions of workloads there are, or of one of them what its pods are made from. */
export async function rolloutHistory(
  context: CommandContext,
  words: readonly string[],
  flags: RolloutHistoryFlags,
): Promise<void> {
  const wanted = readRevision('revision', flags.revision);
  const print = await outcomePrinter(context.output, flags, 'none');
  const isText = (flags.output ?? '') === '';
  const { signal } = context;
  await using client = await openClient(context, flags);
  await visitRollouts({ context, client, flags }, words, async (selected) => {
    const { resource, name } = selected;
    if (!hasRevisions(selected)) {
      throw new CommandError(`no history viewer has been implemented for "${resource.kind}"`);
    }
    const object = await client.get(resource, name, { ...placeOf(selected), signal });
    const revisions = await fetchRevisions({ client, signal }, selected, object);
    const shown = wanted === 0 ? revisions : revisions.filter(({ number }) => number === wanted);
    if (wanted !== 0 && shown.length === 0) {
      throw new CommandError('unable to find the specified revision');
    }
    if (isText) {
      const text = wanted === 0 ? listText(shown) : oneText(wanted, shown);
      await context.output.write(`${typeNameOf(resource)}/${name} ${text}\n`);
      return;
    }
    for (const revision of shown) {
      const { kind } = revision.object;
      const named = { kind: kind ?? resource.kind, group: resource.group };
      await print({ resource: named, object: revision.object, operation: '' });
    }
  });
}

function listText(revisions: readonly Revision[]): string {
  if (revisions.length === 0) return 'No rollout history found.';
  const rows = revisions.map(({ number, changeCause = '<none>' }) => `${number}\t${changeCause}`);
  return `\n${textOf(['REVISION\tCHANGE-CAUSE', ...rows])}`;
}

function oneText(number: number, revisions: readonly Revision[]): string {
  const texts = revisions.map((revision) => templateText(withCause(revision)));
  return `with revision #${number}\n${texts.join('')}`;
}

/** Of a deployment the cause is shown among the annotations of its pods. */
function withCause({ template, object, changeCause }: Revision): PodTemplateSpec {
  if (object.kind !== 'ReplicaSet' || changeCause === undefined) return template;
  const annotations = { ...template.metadata?.annotations, [causeAnnotation]: changeCause };
  return { ...template, metadata: { ...template.metadata, annotations } };
}
