import type { EnvVar } from '@fairway/kinds/core/v1';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { truthOf } from '../flag-values.ts';
import { type SelectedObject, selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { latestOf, visitObjects } from '../selection/visit-objects.ts';
import { changeTemplates } from '../templates/change-templates.ts';
import { containersLike, containersPatch, podTemplateOf } from '../templates/pod-template.ts';
import {
  readVariableChange,
  variableText,
  variablesFrom,
  variablesPatch,
} from '../templates/variables.ts';
import { type WriteFlags, readWriting } from '../writes/write-flags.ts';

export interface SetEnvFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly containers: string;
  readonly env?: readonly string[];
  readonly from?: string;
  readonly keys?: readonly string[];
  readonly prefix?: string;
  readonly list?: boolean;
  readonly overwrite?: string | boolean;
}

/** Sets and takes away variables of containers, or lists them. */
export async function setEnv(
  context: CommandContext,
  words: readonly string[],
  flags: SetEnvFlags,
): Promise<void> {
  const { env = [], from = '', keys = [], prefix = '' } = flags;
  const { resources, change } = readVariableChange([...words, ...env]);
  if (resources.length === 0 && (flags.filename ?? []).length === 0) {
    throw new CommandError(
      'one or more resources must be specified as <resource> <name> or <resource>/<name>',
    );
  }
  const { output, signal } = context;
  const writing = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  if (flags.list === true) {
    await listVariables(
      { ...selecting(context, client, flags), pattern: flags.containers },
      resources,
    );
    return;
  }
  const fetched =
    from === '' ? undefined : await variablesFrom({ client, signal }, from, { keys, prefix });
  for (const warning of fetched?.warnings ?? []) await output.writeError(`Warning: ${warning}\n`);
  const wanted = { ...change, set: [...change.set, ...(fetched?.set ?? [])] };
  const overwrites = truthOf('--overwrite', flags.overwrite) ?? true;
  await changeTemplates(
    {
      context,
      client,
      flags,
      writing,
      operation: 'env updated',
      patchOf: async (selected, object) => {
        const { spec, patchOf } = podTemplateOf(selected, object);
        const places = containersLike(spec, flags.containers);
        if (places.length === 0) await output.writeError(noContainer(selected, flags.containers));
        const subject = `${selected.resource.plural}/${selected.name}`;
        const changes = places.flatMap(({ container: { name, env: before = [] }, list }) => {
          const patch = variablesPatch(before, wanted, { subject, overwrites });
          return patch === undefined ? [] : [{ list, patch: { name, ...patch } }];
        });
        const patch = containersPatch(changes);
        return patch && patchOf(patch);
      },
    },
    resources,
  );
}

function noContainer({ resource, name }: SelectedObject, pattern: string): string {
  return `Warning: ${resource.kind}/${name} does not have any containers matching ${JSON.stringify(pattern)}\n`;
}

async function listVariables(
  task: Parameters<typeof visitObjects>[0] & { readonly pattern: string },
  resources: readonly string[],
): Promise<void> {
  const { output } = task.context;
  await visitObjects(task, resources, {
    doing: 'reading',
    visit: async (selected) => {
      const { spec } = podTemplateOf(selected, await latestOf(task, selected));
      const places = containersLike(spec, task.pattern);
      if (places.length === 0) await output.writeError(noContainer(selected, task.pattern));
      for (const { container } of places) {
        await output.write(
          `# ${selected.resource.kind} ${selected.name}, container ${container.name}\n`,
        );
        const env: readonly EnvVar[] = container.env ?? [];
        await output.write(env.map((each) => `${variableText(each)}\n`).join(''));
      }
    },
  });
}
