import type { Client } from '@fairway/client';
import type { Node } from '@fairway/kinds/core/v1';
import type { CommandContext } from '../command-context.ts';
import type { PrintOutcome } from '../output/print-outcome.ts';
import type { DryRun } from '../output/dry-run.ts';
import type { SelectedObject } from '../selection/select-objects.ts';

/** How nodes are cordoned, and how that is told. */
export interface Cordoning {
  readonly context: CommandContext;
  readonly client: Client;
  readonly dryRun: DryRun;
  readonly print: PrintOutcome;
}

/** Says of a node whether it takes more pods. Errors: `ApiError`. */
export async function cordonNode(
  { context, client, dryRun, print }: Cordoning,
  { resource, name }: SelectedObject,
  isWanted: boolean,
): Promise<void> {
  const { signal } = context;
  const found = await client.get(resource, name, { signal });
  const verb = isWanted ? 'cordoned' : 'uncordoned';
  const { spec = {} } = found as { spec?: Node['spec'] };
  if ((spec.unschedulable ?? false) === isWanted) {
    await print({ resource, object: found, operation: `already ${verb}` });
    return;
  }
  const change = { strategic: { spec: { unschedulable: isWanted ? true : null } } };
  const isDryRun = dryRun === 'server';
  const object =
    dryRun === 'client'
      ? found
      : await client.patch(resource, name, change, {
          signal,
          ...(isDryRun ? { dryRun: true } : {}),
        });
  await print({ resource, object, operation: verb });
}
