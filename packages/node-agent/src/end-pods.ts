import type { PodCgroups } from './cgroups/pod-cgroups.ts';
import type { PodRuntime } from './runtime/pod-runtime.ts';
import type { PodVolumes } from './volumes/pod-volumes.ts';

/**
 * Ends everything that runs on a machine, and takes away what was made for it. The API is not told: the pods
 * start again with the next agent.
 *
 * Errors: what the runtime or the system answers, once everything else has been tried.
 */
export async function endPods({
  runtime,
  volumes,
  cgroups,
}: {
  readonly runtime: PodRuntime;
  readonly volumes: PodVolumes;
  readonly cgroups: PodCgroups;
}): Promise<void> {
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
    }
  };
  const held = await runtime.listPods();
  await Promise.all(
    held
      .flatMap(({ sandboxes }) => sandboxes)
      .map(({ id }) =>
        attempt(async () => {
          await runtime.stopSandbox(id);
          await runtime.removeSandbox(id);
        }),
      ),
  );
  const leftovers = [...(await volumes.leftovers()), ...(await cgroups.leftovers())];
  for (const uid of new Set([...held.map((each) => each.uid), ...leftovers])) {
    await attempt(() => volumes.tearDown(uid));
    await attempt(() => cgroups.remove(uid));
  }
  await attempt(() => cgroups.removeAll());
  if (failures.length > 0)
    throw new AggregateError(failures, 'not everything of the pods could be ended');
}
