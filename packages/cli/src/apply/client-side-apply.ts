import { type DynamicObject, isConflict, isInvalid } from '@fairway/client';
import type { Client, WriteOptions } from '@fairway/client';
import { type JsonObject, type Schema, threeWayPatch } from '@fairway/protocol';
import { sleep } from '@fairway/host';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { DryRun } from '../output/dry-run.ts';
import { type SelectedObject, placeOf } from '../selection/select-objects.ts';
import { lastAppliedAnnotation, lastAppliedOf, withLastApplied } from '../writes/last-applied.ts';
import { deleteBeforeAnew } from '../writes/delete-before-anew.ts';
import type { SchemaReader } from './schema-reader.ts';

/** How objects are applied. */
export interface Applying {
  readonly context: CommandContext;
  readonly client: Client;
  readonly dryRun: DryRun;
  readonly options: WriteOptions;
  readonly schemaOf: SchemaReader;
  /** Deletes and makes anew what cannot be changed. */
  readonly isForced: boolean;
}

/** What came of it. */
export interface Applied {
  readonly object: DynamicObject;
  readonly operation: 'created' | 'configured' | 'unchanged';
}

/** How often a change is tried while others interfere. */
const triesMax = 5;
const pauseMs = 1_000;

/**
 * Gives an object what a file says of it, takes away what the file said before and no longer does, and leaves what
 * others have added; makes it where there is none.
 */
export async function applyObject(applying: Applying, selected: SelectedObject): Promise<Applied> {
  const { client, context, dryRun, options } = applying;
  const { resource, name } = selected;
  const modified = withLastApplied(selected.object as DynamicObject);
  const place = placeOf(selected);
  const found = await client.find(resource, name, { ...place, signal: context.signal });
  if (found === undefined) {
    const object =
      dryRun === 'client'
        ? modified
        : await client.create(resource, modified, { ...options, ...place });
    return { object, operation: 'created' };
  }
  await warnOfMissingNote(context, selected, found);
  return await patchObject(applying, { selected, modified, found });
}

async function warnOfMissingNote(
  { output }: CommandContext,
  { resource, name }: SelectedObject,
  found: DynamicObject,
): Promise<void> {
  if (lastAppliedOf(found) !== undefined) return;
  await output.writeError(
    `Warning: resource ${resource.plural}/${name} is missing the ${lastAppliedAnnotation} annotation which is required by fairway apply. fairway apply should only be used on resources created declaratively by either fairway create --save-config or fairway apply. The missing annotation will be patched automatically.\n`,
  );
}

interface Patching {
  readonly selected: SelectedObject;
  readonly modified: DynamicObject;
  readonly found: DynamicObject;
}

async function patchObject(applying: Applying, patching: Patching): Promise<Applied> {
  const { client, context, dryRun, options } = applying;
  const { selected, modified } = patching;
  const { resource, name } = selected;
  const place = placeOf(selected);
  const schema = await applying.schemaOf(resource);
  let { found } = patching;
  for (let attempt = 1; ; attempt += 1) {
    const patch = patchOf(schema, modified, found);
    if (Object.keys(patch.content).length === 0) return { object: found, operation: 'unchanged' };
    if (dryRun === 'client') return { object: found, operation: 'configured' };
    const sent = patch.isStrategic ? { strategic: patch.content } : { merge: patch.content };
    try {
      const object = await client.patch(resource, name, sent, { ...options, ...place });
      return { object, operation: 'configured' };
    } catch (error) {
      if (isConflict(error) && attempt < triesMax) {
        await sleep(context.host.clock, pauseMs, context.signal);
        found = await client.get(resource, name, { ...place, signal: context.signal });
        continue;
      }
      const isHopeless = isConflict(error) || isInvalid(error);
      if (!applying.isForced || !isHopeless) throw error;
      return await recreate(applying, { selected, modified, found });
    }
  }
}

async function recreate(
  { client, context, dryRun, options }: Applying,
  { selected, modified }: Patching,
): Promise<Applied> {
  const { resource } = selected;
  const place = placeOf(selected);
  // Where nothing is kept the name is not free either.
  if (dryRun === 'server') return { object: modified, operation: 'configured' };
  await deleteBeforeAnew({ client, context }, selected, dryRun);
  const object = await client.create(resource, modified, { ...options, ...place });
  return { object, operation: 'configured' };
}

/** Turns what is there into what is wanted. */
export interface ApplyPatch {
  readonly content: JsonObject;
  readonly isStrategic: boolean;
}

/** The patch that an apply of `modified` is. Errors: `CommandError` where the note of the last apply is damaged. */
export function patchOf(
  schema: Schema | undefined,
  modified: DynamicObject,
  found: DynamicObject,
): ApplyPatch {
  const ways = {
    original: asJson(lastAppliedOf(found) ?? {}),
    modified: asJson(modified),
    current: asJson(found),
  };
  return { content: threeWayPatch(ways, schema), isStrategic: schema !== undefined };
}

function asJson(object: object): JsonObject {
  return object as JsonObject;
}

/** Errors: `CommandError` for what apply cannot take. */
export function checkApplied({ name, object }: SelectedObject): void {
  if (name !== '') return;
  const { generateName = '' } = (object?.metadata ?? {}) as { readonly generateName?: string };
  throw new CommandError(
    generateName === ''
      ? 'resource name may not be empty'
      : `from ${generateName}: cannot use generate name with apply; name it, or use \`fairway create -f\``,
  );
}
