import type { DynamicObject } from '@fairway/client';
import { patchOf } from '../apply/client-side-apply.ts';
import { schemaReader } from '../apply/schema-reader.ts';
import { applyOnServer } from '../apply/server-side-apply.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { type TextPair, printUnified, runExternal } from '../diff/print-differences.ts';
import { shownVersions } from '../diff/shown-versions.ts';
import { documentFormat } from '../output/output-format.ts';
import {
  type SelectedObject,
  type Selecting,
  placeOf,
  selecting,
} from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { visitObjects } from '../selection/visit-objects.ts';
import { withoutLastApplied } from '../writes/last-applied.ts';

export interface DiffFlags extends ClusterFlags, SelectionFlags {
  readonly serverSide?: boolean;
  readonly forceConflicts?: boolean;
  readonly fieldManager?: string;
}

/** Shows what an apply would change. Answers 0 where that is nothing, 1, or what the program of the user answers. */
export async function diff(
  context: CommandContext,
  words: readonly string[],
  flags: DiffFlags,
): Promise<number> {
  if (words.length > 0 || (flags.filename === undefined && flags.kustomize === undefined)) {
    throw new CommandError('must specify -f FILE, a folder, a URL, or - for the input');
  }
  if (flags.serverSide !== true && flags.forceConflicts === true) {
    throw new CommandError('--force-conflicts only works with --server-side');
  }
  const toYaml = await documentFormat('yaml');
  const text = (object: DynamicObject | undefined): string =>
    object === undefined ? '' : (toYaml?.(object) ?? '');
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const mergedOf = mergeReader(task, flags);
  const pairs: TextPair[] = [];
  const visit = async (selected: SelectedObject): Promise<void> => {
    const { resource, name, namespace = '' } = selected;
    if (name === '') throw new CommandError('resource name may not be empty');
    const place = placeOf(selected);
    const live = await client.find(resource, name, { ...place, signal: context.signal });
    const versions = shownVersions({ live, merged: await mergedOf(selected, live) });
    const [before, after] = [text(versions.live), text(versions.merged)];
    const { group, version, kind } = resource;
    const parts = [group, version, kind, namespace, name].filter((part) => part !== '');
    if (before !== after)
      pairs.push({ name: parts.join('.').replaceAll('/', '-'), live: before, merged: after });
  };
  await visitObjects(task, [], { doing: 'comparing', visit });
  if (pairs.length === 0) return 0;
  const program = context.host.environment.variables['KUBECTL_EXTERNAL_DIFF'] ?? '';
  if (program.trim() !== '') return await runExternal(context, program, pairs);
  await printUnified(context, pairs);
  return 1;
}

/** Answers what an apply would make of an object, as the server says it. */
function mergeReader(
  { client, context }: Selecting,
  flags: DiffFlags,
): (selected: SelectedObject, live: DynamicObject | undefined) => Promise<DynamicObject> {
  const schemaOf = schemaReader();
  const isOnServer = flags.serverSide === true;
  const fieldManager = flags.fieldManager ?? (isOnServer ? 'kubectl' : 'kubectl-client-side-apply');
  const options = { signal: context.signal, dryRun: true, fieldManager };
  return async (selected, live) => {
    const { resource, name, object = {} } = selected;
    if (isOnServer) {
      const isForced = flags.forceConflicts === true;
      const applying = { context, client, options, schemaOf, isForced, dryRun: 'server' } as const;
      return withKind(selected, await applyOnServer(applying, selected));
    }
    const place = placeOf(selected);
    if (live === undefined) {
      return withKind(selected, await client.create(resource, object, { ...options, ...place }));
    }
    const { content, isStrategic } = patchOf(
      await schemaOf(resource),
      withoutLastApplied(object),
      live,
    );
    if (Object.keys(content).length === 0) return live;
    const patch = isStrategic ? { strategic: content } : { merge: content };
    return withKind(selected, await client.patch(resource, name, patch, { ...options, ...place }));
  };
}

function withKind({ object = {} }: SelectedObject, made: DynamicObject): DynamicObject {
  const { apiVersion = '', kind = '' } = object;
  return { apiVersion, kind, ...made };
}
