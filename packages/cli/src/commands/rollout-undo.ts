import type { DynamicObject, Patch } from '@fairway/client';
import { equalsJson } from '@fairway/protocol';
import type { PodTemplateSpec } from '@fairway/kinds/core/v1';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { readRevision } from '../rollouts/read-revision.ts';
import { type Revision, fetchRevisions, hasRevisions } from '../rollouts/revisions.ts';
import { templateText } from '../rollouts/template-text.ts';
import { visitRollouts } from '../rollouts/visit-rollouts.ts';
import { placeOf } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { lastAppliedAnnotation } from '../writes/last-applied.ts';
import { type WriteFlags, readWriting } from '../writes/write-flags.ts';

export interface RolloutUndoFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly toRevision: string;
}

/** Leads workloads back to what they were. */
export async function rolloutUndo(
  context: CommandContext,
  words: readonly string[],
  flags: RolloutUndoFlags,
): Promise<void> {
  const wanted = readRevision('to-revision', flags.toRevision);
  const { signal } = context;
  const writing = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  await visitRollouts({ context, client, flags }, words, async (selected) => {
    const { resource, name } = selected;
    if (!hasRevisions(selected)) {
      throw new CommandError(`no rollbacker has been implemented for "${resource.kind}"`);
    }
    const place = placeOf(selected);
    const object = await client.get(resource, name, { ...place, signal });
    const isDeployment = resource.kind === 'Deployment';
    const revisions = await fetchRevisions({ client, signal }, selected, object);
    const revision = chosen(revisions, wanted, isDeployment ? name : undefined);
    if (writing.dryRun === 'client') {
      const intention = isDeployment ? '' : 'will roll back to ';
      await writing.print({
        resource,
        object,
        operation: intention + templateText(revision.template),
      });
      return;
    }
    const { spec = {} } = object as { spec?: WorkloadSpec };
    if (isDeployment && spec.paused === true) {
      throw new CommandError(
        "you cannot rollback a paused deployment; resume it first with 'fairway rollout resume' and try again",
      );
    }
    if (equalsJson(withoutHash(spec.template), withoutHash(revision.template))) {
      const operation = `skipped rollback (current template already matches revision ${revision.number})`;
      await writing.print({ resource, object, operation });
      return;
    }
    const patch = isDeployment ? deploymentPatch(object, revision) : { strategic: revision.patch };
    const after = await client.patch(resource, name, patch, { ...writing.options, ...place });
    await writing.print({ resource, object: after, operation: 'rolled back' });
  });
}

interface WorkloadSpec {
  readonly paused?: boolean;
  readonly template?: PodTemplateSpec;
}

function chosen(
  revisions: readonly Revision[],
  wanted: number,
  deployment: string | undefined,
): Revision {
  const found = wanted === 0 ? revisions.at(-2) : revisions.find(({ number }) => number === wanted);
  if (found !== undefined) return found;
  if (wanted !== 0)
    throw new CommandError(`unable to find specified revision ${wanted} in history`);
  throw new CommandError(
    deployment === undefined
      ? 'no last revision to roll back to'
      : `no rollout history found for deployment ${JSON.stringify(deployment)}`,
  );
}

const hashLabel = 'pod-template-hash';

/** Without the label that a deployment adds for its replica set. */
function withoutHash(template: PodTemplateSpec = {}): PodTemplateSpec {
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** Annotations that a deployment keeps of its own, whatever its replica sets have. */
const ownAnnotations = new Set([
  lastAppliedAnnotation,
  'deployment.kubernetes.io/revision',
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]);

function deploymentPatch({ metadata }: DynamicObject, revision: Revision): Patch {
  const annotations = Object.fromEntries([
    ...Object.entries(metadata?.annotations ?? {}).filter(([key]) => ownAnnotations.has(key)),
    ...Object.entries(revision.annotations).filter(([key]) => !ownAnnotations.has(key)),
  ]);
  return {
    json: [
      { op: 'replace', path: '/spec/template', value: withoutHash(revision.template) },
      // Also where it has none yet.
      { op: 'add', path: '/metadata/annotations', value: annotations },
    ],
  };
}
