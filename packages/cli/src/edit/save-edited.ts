import { ApiError, type Client, type DynamicObject, isConflict, isNotFound } from '@fairway/client';
import {
  type JsonObject,
  type JsonValue,
  apiVersionOf,
  stringifyJson,
  threeWayPatch,
} from '@fairway/protocol';
import type { SchemaReader } from '../apply/schema-reader.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { parseManifests } from '../parse-manifests.ts';
import { type SelectedObject, placeOf } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import type { WriteFlags, Writing } from '../writes/write-flags.ts';
import { clashesOf, editedOf } from './edited-text.ts';

export interface EditFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly outputPatch?: boolean;
  readonly subresource?: string;
}

/** What editing takes. */
export interface Editing {
  readonly context: CommandContext;
  readonly client: Client;
  readonly writing: Writing;
  readonly flags: EditFlags;
  readonly schemaOf: SchemaReader;
}

/** An object as it was when the editor was opened. */
export interface Opened {
  readonly selected: SelectedObject;
  readonly original: DynamicObject;
}

/** The object, or the part of it that is edited, as the server has it. */
export async function readWhole(
  { client, context, flags }: Pick<Editing, 'client' | 'context' | 'flags'>,
  selected: SelectedObject,
): Promise<DynamicObject> {
  const { resource, name } = selected;
  const { subresource = '' } = flags;
  const place = placeOf(selected);
  const { signal } = context;
  const found =
    subresource === ''
      ? await client.get(resource, name, { ...place, signal })
      : await client.subresource<DynamicObject>(resource, name, subresource, place).get({ signal });
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, ...found };
}

/** Nothing that was typed is lost. */
export function kept(file: string, message: string, cause?: unknown): CommandError {
  return new CommandError(message, {
    cause,
    lines: [`A copy of your changes has been stored to "${file}"`],
  });
}

/** What could not be saved, and why. */
export interface Saved {
  readonly failed: readonly Opened[];
  readonly reasons: readonly string[];
}

/** Saves what has changed. Errors: `CommandError` for what no editing would mend; the file stays. */
export async function saveAll(
  editing: Editing,
  opened: readonly Opened[],
  { file, text }: { readonly file: string; readonly text: string },
): Promise<Saved> {
  let edited: readonly DynamicObject[];
  try {
    edited = await parseManifests('the edited file', text);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { failed: opened, reasons: [`The edited file had a syntax error: ${error.message}`] };
  }
  const failed: Opened[] = [];
  const reasons: string[] = [];
  for (const each of opened) {
    try {
      await saveOne(editing, each, editedOf(each.original, edited));
    } catch (error) {
      if (isNotFound(error) || !(error instanceof ApiError)) {
        throw kept(file, error instanceof Error ? error.message : String(error), error);
      }
      failed.push(each);
      reasons.push(
        `${each.selected.resource.plural} "${each.selected.name}" was not valid:`,
        `* ${error.message}`,
      );
    }
  }
  return { failed, reasons };
}

async function saveOne(
  { context, client, writing, flags, schemaOf }: Editing,
  { selected, original }: Opened,
  edited: DynamicObject,
): Promise<void> {
  const { resource, name } = selected;
  const { subresource = '', outputPatch } = flags;
  // A part of an object has fields of its own.
  const schema =
    subresource === '' || subresource === 'status' ? await schemaOf(resource) : undefined;
  const base = asJson(withoutOwners(original));
  const change = threeWayPatch({ original: base, modified: asJson(edited), current: base }, schema);
  if (Object.keys(change).length === 0) {
    return await writing.print({ resource, object: original, operation: 'skipped' });
  }
  if (outputPatch === true) await context.output.write(`Patch: ${stringifyJson(change)}\n`);
  const place = placeOf(selected);
  const send = (resourceVersion: string): Promise<DynamicObject> => {
    const content = withVersion(change, resourceVersion);
    const patch = schema === undefined ? { merge: content } : { strategic: content };
    if (subresource === '')
      return client.patch(resource, name, patch, { ...writing.options, ...place });
    return client
      .subresource<DynamicObject>(resource, name, subresource, place)
      .patch(patch, writing.options);
  };
  let version = original.metadata?.resourceVersion ?? '';
  for (;;) {
    try {
      const object = await send(version);
      return await writing.print({ resource, object, operation: 'edited' });
    } catch (error) {
      if (!isConflict(error)) throw error;
      const live = await readWhole({ client, context, flags }, selected);
      const since = asJson(withoutOwners(live));
      const others = threeWayPatch({ original: base, modified: since, current: base }, schema);
      const clashes = clashesOf(change, others as JsonValue);
      if (clashes.length > 0) {
        throw new CommandError(
          `somebody else has changed ${clashes.join(', ')} of ${resource.plural} "${name}" meanwhile; edit it again, and take from the copy what is yours`,
          { cause: error },
        );
      }
      version = live.metadata?.resourceVersion ?? '';
    }
  }
}

/** Only the object that was read is changed. */
function withVersion(change: JsonObject, resourceVersion: string): JsonObject {
  const metadata = (change['metadata'] ?? {}) as JsonObject;
  return { ...change, metadata: { ...metadata, resourceVersion } };
}

function withoutOwners(object: DynamicObject): DynamicObject {
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

function asJson(object: DynamicObject): JsonObject {
  return object as unknown as JsonObject;
}
