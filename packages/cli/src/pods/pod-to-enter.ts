import type { Container, Pod } from '@fairway/kinds/core/v1';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import type { Selecting } from '../selection/select-objects.ts';
import type { FileFlags } from '../selection/selection-flags.ts';
import { podsOf, readPodOwner, readPodTimeout } from './find-pods.ts';
import { pickContainer } from './pick-container.ts';
import { byActivity } from './pod-order.ts';

/** The flags of commands that go into a container, as commander reads them. */
export interface EnterFlags extends ClusterFlags, Pick<FileFlags, 'filename'> {
  readonly container?: string;
  readonly podRunningTimeout: string;
  readonly quiet?: boolean;
  readonly stdin?: boolean;
  readonly tty?: boolean;
}

/** A container that can be entered. */
export interface EnteredContainer {
  readonly pod: Pod;
  readonly place: { readonly namespace: string };
  readonly container: Pick<Container, 'name' | 'tty' | 'stdin'>;
}

/**
 * Finds the container that is meant, and says which one where it was chosen. `doing`: in the words of a refusal, such
 * as `exec into`.
 *
 * Errors: `CommandError`, also for a pod whose programs have ended.
 */
export async function findContainerToEnter(
  task: Selecting,
  word: string | undefined,
  { flags, doing }: { readonly flags: EnterFlags; readonly doing: string },
): Promise<EnteredContainer> {
  const waitMs = readPodTimeout(flags.podRunningTimeout);
  const owner = await readPodOwner(task, word);
  const [pod] = await podsOf(task, owner, { order: byActivity, waitMs });
  const { phase = '' } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new CommandError(
      `cannot ${doing} a container in a completed pod; current phase is ${phase}`,
    );
  }
  const { name, note } = pickContainer(pod, flags.container || undefined);
  if (note !== undefined && flags.quiet !== true) await task.context.output.writeError(note);
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const all = [...containers, ...initContainers, ...ephemeralContainers];
  const container = all.find((each) => each.name === name) ?? { name };
  return { pod, container, place: { namespace: pod.metadata?.namespace ?? owner.namespace } };
}
