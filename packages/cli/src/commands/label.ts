import type { DynamicObject } from '@fairway/client';
import { checkLabelKey, checkLabelValue } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { nothingFound } from '../output/nothing-found.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { truthOf } from '../flag-values.ts';
import {
  type SelectedObject,
  type Selecting,
  placeOf,
  selecting,
} from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { collectObjects, latestOf, visitObjects } from '../selection/visit-objects.ts';
import { type PairChange, readPairChange } from '../writes/pair-change.ts';
import { type WriteFlags, type Writing, readWriting } from '../writes/write-flags.ts';

export interface LabelFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly list?: boolean;
  readonly overwrite?: string | boolean;
  readonly resourceVersion?: string;
}

/** What of the metadata is changed. */
export type PairField = 'labels' | 'annotations';

/** Sets and takes away labels or annotations of objects, or lists them. */
export async function changePairs(
  context: CommandContext,
  { field, words }: { readonly field: PairField; readonly words: readonly string[] },
  flags: LabelFlags,
): Promise<void> {
  const noun = field === 'labels' ? 'label' : 'annotation';
  const { resources, change } = readPairChange(noun, words);
  if (flags.list !== true && change.set.size + change.removed.size === 0) {
    throw new CommandError(
      `at least one ${noun} update is required: KEY=VALUE, or KEY- to take it away`,
    );
  }
  if (field === 'labels') checkLabels(change);
  const writing = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  if (flags.list === true) {
    return await listPairs(context, field, await collectLatest(task, resources));
  }
  const changing = { task, writing, field, change, flags };
  const count = await visitObjects(task, resources, {
    doing: `changing ${field} of`,
    visit: (selected) => changeOne(changing, selected),
  });
  if (count === 0) await context.output.writeError(nothingFound(undefined));
}

interface Changing {
  readonly task: Selecting;
  readonly writing: Writing;
  readonly field: PairField;
  readonly change: PairChange;
  readonly flags: LabelFlags;
}

async function changeOne(
  { task, writing, field, change, flags }: Changing,
  selected: SelectedObject,
): Promise<void> {
  const { client, context } = task;
  const { resource, name } = selected;
  const found = await latestOf(task, selected);
  const before = found.metadata?.[field] ?? {};
  if (field === 'labels') await tellAbsent(context, change, before);
  const overwrites = truthOf('--overwrite', flags.overwrite) === true;
  const after = changed({ field, overwrites }, change, before);
  const isSame = sameEntries(before, after);
  const { resourceVersion } = flags;
  const version = resourceVersion === undefined ? {} : { resourceVersion };
  const patch = { merge: { metadata: { ...version, [field]: patchOf(change, before) } } };
  const isSent = writing.dryRun !== 'client' && !(isSame && field === 'labels');
  const object = isSent
    ? await client.patch(resource, name, patch, { ...writing.options, ...placeOf(selected) })
    : { ...found, metadata: { ...found.metadata, [field]: after } };
  const operation = operationOf({ field, overwrites }, { isSame, before, after });
  await writing.print({ resource, object, operation });
}

async function collectLatest(
  task: Selecting,
  resources: readonly string[],
): Promise<readonly (readonly [SelectedObject, DynamicObject])[]> {
  const selected = await collectObjects(task, resources);
  const found: (readonly [SelectedObject, DynamicObject])[] = [];
  for (const each of selected) found.push([each, await latestOf(task, each)]);
  return found;
}

async function listPairs(
  { output }: CommandContext,
  field: PairField,
  objects: readonly (readonly [SelectedObject, DynamicObject])[],
): Promise<void> {
  const isOne = objects.length === 1;
  for (const [{ resource, name }, { metadata }] of objects) {
    if (!isOne) {
      await output.write(`Listing ${field} for ${resource.kind}.${resource.group}/${name}:\n`);
    }
    const pairs = Object.entries(metadata?.[field] ?? {}).sort(([left], [right]) =>
      left < right ? -1 : 1,
    );
    await output.write(
      pairs.map(([key, value]) => `${isOne ? '' : ' '}${key}=${value}\n`).join(''),
    );
  }
}

function checkLabels({ set }: PairChange): void {
  for (const [key, value] of set) {
    const why = checkLabelKey(key) ?? checkLabelValue(value);
    if (why !== undefined)
      throw new CommandError(`invalid label ${JSON.stringify(`${key}=${value}`)}: ${why}`);
  }
}

async function tellAbsent(
  { output }: CommandContext,
  { removed }: PairChange,
  before: Pairs,
): Promise<void> {
  for (const key of removed) {
    if (!Object.hasOwn(before, key)) await output.write(`label "${key}" not found.\n`);
  }
}

type Pairs = Readonly<Record<string, string>>;

interface Asked {
  readonly field: PairField;
  readonly overwrites: boolean;
}

function changed({ field, overwrites }: Asked, { set, removed }: PairChange, before: Pairs): Pairs {
  const after: Record<string, string> = { ...before };
  for (const [key, value] of set) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (old !== undefined && old !== value && !overwrites) {
      throw new CommandError(
        field === 'labels'
          ? `'${key}' already has a value (${old}), and --overwrite is false`
          : `--overwrite is false but found the following declared annotation(s): '${key}' already has a value (${old})`,
      );
    }
    after[key] = value;
  }
  for (const key of removed) delete after[key];
  return after;
}

function patchOf(
  { set, removed }: PairChange,
  before: Pairs,
): Readonly<Record<string, string | null>> {
  const gone = [...removed].filter((key) => Object.hasOwn(before, key));
  return Object.fromEntries([...set, ...gone.map((key) => [key, null] as const)]);
}

function sameEntries(left: Pairs, right: Pairs): boolean {
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key]);
}

function operationOf(
  { field, overwrites }: Asked,
  {
    isSame,
    before,
    after,
  }: { readonly isSame: boolean; readonly before: Pairs; readonly after: Pairs },
): string {
  if (field === 'annotations') return 'annotated';
  if (isSame) return 'not labeled';
  const isShorter = Object.keys(after).length < Object.keys(before).length;
  return isShorter && !overwrites ? 'unlabeled' : 'labeled';
}
