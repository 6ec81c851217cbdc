import type { DynamicObject } from '@fairway/client';
import { createDiscovery } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import type { Generator } from '../generators/generator.ts';
import { resourceOf } from '../selection/resolve-resources.ts';
import { withLastApplied } from '../writes/last-applied.ts';
import { type WriteFlags, readWriting } from '../writes/write-flags.ts';

export interface GeneratedFlags extends ClusterFlags, WriteFlags {
  readonly saveConfig?: boolean;
}

/** What was typed, and what makes an object of it. */
export interface Generated<Flags> {
  /** `secret generic` */
  readonly command: string;
  readonly generator: Generator<Flags>;
  readonly words: readonly string[];
  /** What was typed after `--`, also at the end of `words`. */
  readonly passedOn: readonly string[];
}

/** Makes an object of flags. */
export async function createGenerated<Flags extends GeneratedFlags>(
  context: CommandContext,
  { command, generator, words, passedOn }: Generated<Flags>,
  flags: Flags,
): Promise<void> {
  const names = words.slice(0, words.length - passedOn.length);
  const [name = ''] = names;
  if (names.length !== 1 || name === '') {
    throw new CommandError(
      `exactly one NAME is required, got ${names.length}; see \`fairway create ${command} --help\``,
    );
  }
  const { dryRun, options, print } = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  const discovery = createDiscovery(client);
  const task = { context, client, discovery, name, command: passedOn, flags };
  const bare = await generator(task);
  const resource = await resourceOf(discovery, bare);
  const isPlaced = resource.isNamespaced && (flags.namespace !== undefined || dryRun !== 'client');
  const placed: DynamicObject = isPlaced
    ? { ...bare, metadata: { ...bare.metadata, namespace: client.namespace } }
    : bare;
  const object = flags.saveConfig === true ? withLastApplied(placed) : placed;
  const made = dryRun === 'client' ? object : await client.create(resource, object, options);
  await print({ resource, object: made, operation: 'created' });
}
