import type { DynamicObject } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { hasRevisions } from '../rollouts/revisions.ts';
import { visitRollouts } from '../rollouts/visit-rollouts.ts';
import { type SelectedObject, placeOf } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { type WriteFlags, readWriting } from '../writes/write-flags.ts';

export type RolloutChangeFlags = ClusterFlags & SelectionFlags & WriteFlags;

/** A change of a rollout that needs no more than a patch. */
export type RolloutChange = 'restart' | 'pause' | 'resume';

/** Restarts the pods of workloads one after the other, or holds rollouts of deployments and lets them go on. */
export async function changeRollout(
  context: CommandContext,
  { change, words }: { readonly change: RolloutChange; readonly words: readonly string[] },
  flags: RolloutChangeFlags,
): Promise<void> {
  const { operation, patchFor } = changes[change];
  const { signal } = context;
  const nowMs = context.host.clock.now();
  const writing = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  await visitRollouts({ context, client, flags }, words, async (selected) => {
    const { resource, name } = selected;
    const place = placeOf(selected);
    const object = await client.get(resource, name, { ...place, signal });
    const strategic = patchFor(selected, object as Workload, nowMs);
    const after = await client.patch(
      resource,
      name,
      { strategic },
      { ...writing.options, ...place },
    );
    await writing.print({ resource, object: after, operation });
  });
}

interface Workload extends DynamicObject {
  readonly spec?: {
    readonly paused?: boolean;
    readonly template?: {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
    };
  };
}

interface PatchedRollout {
  /** What is said when it is done. */
  readonly operation: string;
  /** Errors: `CommandError` where it makes no sense. */
  readonly patchFor: (selected: SelectedObject, object: Workload, nowMs: number) => object;
}

const restartAnnotation = 'kubectl.kubernetes.io/restartedAt';

const changes: Readonly<Record<RolloutChange, PatchedRollout>> = {
  restart: {
    operation: 'restarted',
    patchFor: (selected, { spec }, nowMs) => {
      if (!hasRevisions(selected)) throw unsupported(selected, 'restarting');
      if (spec?.paused === true) {
        throw refusal(selected, "can't restart paused deployment (run rollout resume first)");
      }
      const annotations = { [restartAnnotation]: secondText(nowMs) };
      const before = spec?.template?.metadata?.annotations?.[restartAnnotation];
      if (before === annotations[restartAnnotation]) {
        throw new CommandError(
          `failed to create patch for ${selected.name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
        );
      }
      return { spec: { template: { metadata: { annotations } } } };
    },
  },
  pause: {
    operation: 'paused',
    patchFor: (selected, { spec }) => {
      if (!isDeployment(selected)) throw unsupported(selected, 'pausing');
      if (spec?.paused === true) throw refusal(selected, 'is already paused');
      return { spec: { paused: true } };
    },
  },
  resume: {
    operation: 'resumed',
    patchFor: (selected, { spec }) => {
      if (!isDeployment(selected)) throw unsupported(selected, 'resuming');
      if (spec?.paused !== true) throw refusal(selected, 'is not paused');
      return { spec: { paused: null } };
    },
  },
};

function isDeployment({ resource }: SelectedObject): boolean {
  return resource.group === 'apps' && resource.kind === 'Deployment';
}

function unsupported(selected: SelectedObject, doing: string): CommandError {
  return refusal(selected, `${doing} is not supported`);
}

function refusal({ resource: { plural, group }, name }: SelectedObject, why: string): CommandError {
  const type = group === '' ? plural : `${plural}.${group}`;
  return new CommandError(`${type} ${JSON.stringify(name)} ${why}`);
}

/** A time of the API: whole seconds, in UTC. */
function secondText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
