import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { changeTemplates } from '../templates/change-templates.ts';
import { containersOf, containersPatch, podTemplateOf } from '../templates/pod-template.ts';
import { type WriteFlags, readWriting } from '../writes/write-flags.ts';

export type SetImageFlags = ClusterFlags & SelectionFlags & WriteFlags;

/** Sets the images of containers: `CONTAINER=IMAGE`, or `*=IMAGE` for all. */
export async function setImage(
  context: CommandContext,
  words: readonly string[],
  flags: SetImageFlags,
): Promise<void> {
  const first = words.findIndex((word) => word.includes('='));
  const resources = first < 0 ? words : words.slice(0, first);
  const images = readImages(first < 0 ? [] : words.slice(first));
  const writing = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  const operation = 'image updated';
  await changeTemplates(
    {
      context,
      client,
      flags,
      writing,
      operation,
      patchOf: (selected, object) => {
        const { spec, patchOf } = podTemplateOf(selected, object);
        const all = containersOf(spec);
        const missing = [...images.keys()].find(
          (name) => name !== '*' && !all.some(({ container }) => container.name === name),
        );
        if (missing !== undefined) {
          throw new CommandError(
            `unable to find container named ${JSON.stringify(missing)}; there are ${all.map(({ container }) => container.name).join(', ')}`,
          );
        }
        const changes = all.flatMap(({ container: { name, image }, list }) => {
          const wanted = images.get(name) ?? images.get('*') ?? image;
          return wanted === image ? [] : [{ list, patch: { name, image: wanted } }];
        });
        const change = containersPatch(changes);
        return change && patchOf(change);
      },
    },
    resources,
  );
}

function readImages(words: readonly string[]): ReadonlyMap<string, string> {
  if (words.length === 0) {
    throw new CommandError('at least one image update is required: CONTAINER=IMAGE');
  }
  const images = new Map<string, string>();
  for (const word of words) {
    const mark = word.indexOf('=');
    if (mark <= 0 || mark === word.length - 1) {
      throw new CommandError(`${JSON.stringify(word)} is no CONTAINER=IMAGE`);
    }
    images.set(word.slice(0, mark), word.slice(mark + 1));
  }
  return images;
}
