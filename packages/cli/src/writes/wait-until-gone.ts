import type { Client } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { type SelectedObject, placeOf } from '../selection/select-objects.ts';
import { throwAll } from '../selection/visit-objects.ts';

/** An object that is going. */
export interface Deleted extends SelectedObject {
  readonly uid: string;
}

interface Waiting {
  readonly client: Client;
  readonly context: CommandContext;
  /** For all of them together. */
  readonly timeoutMs: number;
}

/**
 * Waits until objects are gone; another one of the same name is no reason to wait.
 *
 * Errors: `CommandError` for each that is still there when the time is over.
 */
export async function waitUntilGone(
  { client, context, timeoutMs }: Waiting,
  deleted: readonly Deleted[],
): Promise<void> {
  const { signal } = context;
  const { clock } = context.host;
  const endMs = clock.elapsed() + timeoutMs;
  const failures: unknown[] = [];
  for (const each of deleted) {
    const { resource, name, uid } = each;
    try {
      await client.waitFor(
        resource,
        name,
        { isDeleted: true, uid },
        { ...placeOf(each), signal, timeoutMs: Math.max(0, endMs - clock.elapsed()) },
      );
    } catch (error) {
      signal.throwIfAborted();
      if (clock.elapsed() < endMs) throw error;
      failures.push(
        new CommandError(
          `timed out waiting for the condition on ${resource.plural}/${name}: it is still going, and goes on doing so; finalizers keep what does not end (fairway get ${resource.plural} ${name} -o jsonpath={.metadata.finalizers})`,
          { cause: error },
        ),
      );
    }
  }
  throwAll(failures);
}
