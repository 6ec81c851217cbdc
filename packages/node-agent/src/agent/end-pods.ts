import { type Clock, sleep } from '@fairway/host';
import type { PodCgroups } from '../cgroups/pod-cgroups.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';

/** What failed may go well when a runtime that was killed is there again, or a program has ended. */
const endWithinMs = 20_000;
const pauseMs = 500;

export interface EndedParts {
  readonly runtime: Pick<PodRuntime, 'listPods' | 'stopSandbox' | 'removeSandbox'>;
  readonly volumes: Pick<PodVolumes, 'leftovers' | 'tearDown'>;
  readonly cgroups: Pick<PodCgroups, 'leftovers' | 'remove' | 'removeAll'>;
  readonly clock: Clock;
}

/**
 * Ends everything that runs on a machine, and takes away what was made for it. The API is not told: the pods
 * start again with the next agent.
 *
 * Errors: what the runtime or the system answers still, once everything has been tried for 20 seconds.
 */
export async function endPods(parts: EndedParts): Promise<void> {
  const { clock } = parts;
  const deadlineMs = clock.elapsed() + endWithinMs;
  for (;;) {
    const failures = await endOnce(parts);
    if (failures.length === 0) return;
    if (clock.elapsed() >= deadlineMs)
      throw new AggregateError(failures, 'not everything of the pods could be ended');
    await sleep(clock, pauseMs);
  }
}

/** Tries all of it, whatever fails. Answers why something of it is left. */
async function endOnce({ runtime, volumes, cgroups }: EndedParts): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
    }
  };
  const uids = new Set<string>();
  await attempt(async () => {
    const held = await runtime.listPods();
    for (const { uid } of held) uids.add(uid);
    const sandboxes = held.flatMap((each) => each.sandboxes);
    const end = async (id: string): Promise<void> => {
      await runtime.stopSandbox(id);
      await runtime.removeSandbox(id);
    };
    await Promise.all(sandboxes.map(({ id }) => attempt(() => end(id))));
  });
  // Programs use what is to be taken away.
  if (failures.length > 0) return failures;
  for (const uid of [...(await volumes.leftovers()), ...(await cgroups.leftovers())]) uids.add(uid);
  for (const uid of uids) {
    await attempt(() => volumes.tearDown(uid));
    await attempt(async () => {
      const isGone = await cgroups.remove(uid);
      if (!isGone) throw new Error(`a program of the pod ${uid} has not ended`);
    });
  }
  await attempt(() => cgroups.removeAll());
  return failures;
}
