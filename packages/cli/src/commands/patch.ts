import { resolve } from 'node:path';
import type { Client, DynamicObject, JsonPatchOperation, Patch } from '@fairway/client';
import {
  type JsonObject,
  type JsonValue,
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  isJsonObject,
  equalsJson,
} from '@fairway/protocol';
import { schemaReader } from '../apply/schema-reader.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { parseValue } from '../parse-manifests.ts';
import { type SelectedObject, placeOf, selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { latestOf, visitObjects } from '../selection/visit-objects.ts';
import { type WriteFlags, type Writing, readWriting } from '../writes/write-flags.ts';

export interface PatchFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly patch?: string;
  readonly patchFile?: string;
  readonly type: string;
  readonly subresource?: string;
}

/** Changes parts of objects. */
export async function patch(
  context: CommandContext,
  words: readonly string[],
  flags: PatchFlags,
): Promise<void> {
  const change = await readPatch(context, flags);
  const writing = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const visit = async (selected: SelectedObject): Promise<void> => {
    const found = await latestOf(task, selected);
    const object =
      writing.dryRun === 'client'
        ? await patchedHere(selected, found, change)
        : await patchedThere({ client, writing, flags }, selected, change);
    const isSame = flags.subresource === undefined && equalsJson(found, withKind(found, object));
    const operation = isSame ? 'patched (no change)' : 'patched';
    // What a subresource answers is of a kind of its own: a Scale.
    const { kind, group } = kindOf(object) ?? selected.resource;
    await writing.print({ resource: { kind, group }, object, operation });
  };
  await visitObjects(task, words, { doing: 'patching', visit });
}

function withKind({ apiVersion, kind }: DynamicObject, object: DynamicObject): DynamicObject {
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    ...object,
  };
}

function kindOf({
  apiVersion = '',
  kind = '',
}: DynamicObject): { readonly kind: string; readonly group: string } | undefined {
  if (kind === '') return undefined;
  const [group = '', version] = apiVersion.split('/');
  return { kind, group: version === undefined ? '' : group };
}

async function readPatch(context: CommandContext, flags: PatchFlags): Promise<Patch> {
  const { patch: text = '', patchFile = '', type } = flags;
  if (text !== '' && patchFile !== '') {
    throw new CommandError('cannot specify --patch and --patch-file together');
  }
  if (text === '' && patchFile === '') {
    throw new CommandError(
      'must specify --patch or --patch-file containing the contents of the patch',
    );
  }
  if (type !== 'strategic' && type !== 'merge' && type !== 'json') {
    throw new CommandError(
      `--type must be one of [json merge strategic], not ${JSON.stringify(type)}`,
    );
  }
  const { host } = context;
  let content = text;
  if (patchFile !== '') {
    const bytes = await host.files.read(resolve(host.environment.workingDirectory, patchFile));
    if (bytes === undefined) {
      throw new CommandError(`unable to read patch file: ${patchFile}: no such file or directory`);
    }
    content = Buffer.from(bytes).toString();
  }
  const value = await parseValue(patchFile === '' ? 'the patch' : patchFile, content);
  if (type === 'json') {
    if (Array.isArray(value)) return { json: value as readonly JsonPatchOperation[] };
    throw new CommandError(
      'a patch of --type=json is a list of operations: [{"op":"replace","path":"/spec/replicas","value":2}]',
    );
  }
  if (!isJsonObject(value)) {
    throw new CommandError(
      `a patch of --type=${type} is an object, such as {"spec":{"replicas":2}}`,
    );
  }
  return type === 'merge' ? { merge: value } : { strategic: value };
}

async function patchedThere(
  {
    client,
    writing,
    flags,
  }: { readonly client: Client; readonly writing: Writing; readonly flags: PatchFlags },
  selected: SelectedObject,
  change: Patch,
): Promise<DynamicObject> {
  const { resource, name } = selected;
  const place = placeOf(selected);
  const { subresource = '' } = flags;
  if (subresource === '') {
    return await client.patch(resource, name, change, { ...writing.options, ...place });
  }
  const part = client.subresource<DynamicObject>(resource, name, subresource, place);
  return await part.patch(change, writing.options);
}

/** What the server would make of it, as far as that is known here. */
async function patchedHere(
  { resource }: SelectedObject,
  found: DynamicObject,
  change: Patch,
): Promise<DynamicObject> {
  const document = found as unknown as JsonObject;
  if ('merge' in change) return asObject(applyMergePatch(document, change.merge as JsonValue));
  const outcome =
    'json' in change
      ? applyJsonPatch(document, change.json as unknown as JsonValue)
      : applyStrategicMergePatch(
          document,
          change.strategic as JsonObject,
          await schemaReader()(resource),
        );
  if (outcome.kind === 'patched') return asObject(outcome.value);
  throw new CommandError(`the patch does not fit: ${outcome.problem}`);
}

function asObject(value: JsonValue): DynamicObject {
  return value as unknown as DynamicObject;
}
