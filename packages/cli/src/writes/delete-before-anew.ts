import { type Client, isNotFound } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { type DryRun, dryRunSuffixes } from '../output/dry-run.ts';
import { typeNameOf } from '../output/type-name.ts';
import { type SelectedObject, placeOf } from '../selection/select-objects.ts';
import { waitUntilGone } from './wait-until-gone.ts';

/** How long the name of an object is waited for. */
const timeoutMs = 5 * 60_000;

/** Deletes an object so that another one can have its name, says so, and waits until it is gone. */
export async function deleteBeforeAnew(
  { client, context }: { readonly client: Client; readonly context: CommandContext },
  selected: SelectedObject,
  dryRun: DryRun,
): Promise<void> {
  const { resource, name } = selected;
  const { signal, output } = context;
  const place = placeOf(selected);
  try {
    const { metadata } = await client.get(resource, name, { ...place, signal });
    const uid = metadata?.uid ?? '';
    await client.delete(resource, name, {
      ...place,
      propagationPolicy: 'Background',
      preconditions: { uid },
      signal,
      ...(dryRun === 'server' ? { dryRun: true } : {}),
    });
    await output.write(`${typeNameOf(resource)} "${name}" deleted${dryRunSuffixes[dryRun]}\n`);
    if (dryRun === 'none') {
      await waitUntilGone({ client, context, timeoutMs }, [{ ...selected, uid }]);
    }
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
