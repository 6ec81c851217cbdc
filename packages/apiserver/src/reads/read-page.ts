import { giveWay } from '@fairway/host';
import {
  type ApiError,
  type ListMeta,
  type ListOptions,
  apiError,
  badRequest,
  formatContinueToken,
  matchesLabelSelector,
  parseContinueToken,
} from '@fairway/protocol';
import {
  CompactedError,
  keyAfter,
  type ReadOptions,
  type Store,
  type StoreEntry,
} from '@fairway/store';
import type { Call } from '../calls/call.ts';
import type { Compaction } from './compaction.ts';
import type { ListedEntries } from './list-runs.ts';
import { requireReachedRevision } from './reached-revision.ts';
import { serveEntries } from './served-entries.ts';
import { type Selection, isSelected } from './selection.ts';
import type { ShowParts } from '../calls/call.ts';
import type { ListRuns } from './list-runs.ts';
import type { StoredFacts } from './stored-facts.ts';

/** To read what is stored. */
export interface ReadParts extends ShowParts {
  readonly store: Store;
  readonly facts: StoredFacts;
  readonly runs: ListRuns;
  readonly compaction: Compaction;
}

/** One page of a list as it is served, ready to be encoded. */
export interface ListPage extends ListedEntries {
  readonly metadata: ListMeta;
}

/** Reads a page as its options ask. Errors: 410 `ApiError` when the snapshot is gone. */
export async function readPage(
  call: Call<ReadParts>,
  selection: Selection,
  options: ListOptions,
): Promise<ListPage> {
  const { resourceVersion } = options;
  const fresh = await requireReachedRevision(call.parts, resourceVersion, call.request.signal);
  try {
    return await readSnapshot(call, selection, { options, fresh });
  } catch (error) {
    throw error instanceof CompactedError ? expired(options) : error;
  }
}

// Selectors are matched after reading, so a range of keys may fill less than a page: read on, at the
// first read's revision, in steps that grow while little matches.
async function readSnapshot(
  call: Call<ReadParts>,
  selection: Selection,
  { options, fresh }: { readonly options: ListOptions; readonly fresh: ReadOptions },
): Promise<ListPage> {
  const limit = Math.max(0, options.limit ?? 0);
  const start = startOf(selection, options);
  call.parts.compaction.requireOpen(start.revision);
  const { end } = selection.range;
  const selected: StoreEntry[] = [];
  let isConverted = false;
  let { from, revision } = start;
  let step = limit;
  while (true) {
    const asked = { ...fresh, limit: step, revision };
    const page = await call.parts.store.list({ start: from, end }, asked);
    revision = page.revision;
    const room = limit === 0 ? Infinity : limit - selected.length;
    const { taken, lastKey, ...made } = await take(page.entries, { call, selection, room });
    isConverted ||= made.isConverted;
    for (const entry of taken) selected.push(entry);
    const isEnd = page.count <= page.entries.length && lastKey === endKeyOf(page.entries);
    if (isEnd) {
      const metadata = { resourceVersion: String(revision) };
      const isAll =
        selection.isWholeRange && from === selection.range.start && start.revision === 0;
      return {
        entries: selected,
        metadata,
        isConverted,
        ...(isAll ? { covered: selection.range } : {}),
      };
    }
    from = keyAfter(lastKey);
    if (limit > 0 && selected.length >= limit) {
      const remaining = selection.isWholeRange
        ? { remainingItemCount: page.count - page.entries.length }
        : {};
      const startKey = from.slice(selection.range.start.length);
      const token = formatContinueToken({ revision, startKey });
      const metadata = { resourceVersion: String(revision), continue: token, ...remaining };
      return { entries: selected, metadata, isConverted };
    }
    step = Math.min(step * 2, readStepMax);
  }
}

const readStepMax = 10_000;

async function take(
  entries: readonly StoreEntry[],
  { call, selection, room }: Taking,
): Promise<Taken> {
  const endKey = endKeyOf(entries);
  const chosen = await chooseByLabels(entries, call, selection);
  const served = await serveEntries(call.resource, chosen);
  const isConverted = served !== chosen;
  if (selection.isWholeRange) return { taken: served, lastKey: endKey, isConverted };
  const scope = { resource: call.resource, facts: call.parts.facts };
  const taken: StoreEntry[] = [];
  for (const entry of served) {
    const turn = giveWay();
    if (turn !== undefined) await turn;
    if (!isSelected(selection, entry, scope)) continue;
    taken.push(entry);
    if (taken.length >= room) return { taken, lastKey: entry.key, isConverted };
  }
  return { taken, lastKey: endKey, isConverted };
}

interface Taking {
  readonly call: Call<ReadParts>;
  readonly selection: Selection;
  readonly room: number;
}

interface Taken {
  readonly taken: readonly StoreEntry[];
  readonly lastKey: string;
  readonly isConverted: boolean;
}

/** Leaves out what need not be converted: a conversion leaves labels as they are. */
async function chooseByLabels(
  entries: readonly StoreEntry[],
  { resource, parts }: Call<ReadParts>,
  { labels }: Selection,
): Promise<readonly StoreEntry[]> {
  if (resource.storage.fromStored === undefined || labels.length === 0) return entries;
  const chosen: StoreEntry[] = [];
  for (const entry of entries) {
    const turn = giveWay();
    if (turn !== undefined) await turn;
    if (matchesLabelSelector(labels, parts.facts.labelsOf(entry))) chosen.push(entry);
  }
  return chosen;
}

function endKeyOf(entries: readonly StoreEntry[]): string {
  return entries.at(-1)?.key ?? '';
}

function startOf({ range }: Selection, options: ListOptions): { from: string; revision: number } {
  const { resourceVersion = '0', resourceVersionMatch, limit = 0 } = options;
  if (options.continue !== undefined) {
    if (resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const { startKey, revision } = parseContinueToken(options.continue);
    return { from: range.start + startKey, revision: Math.max(0, revision) };
  }
  // With a limit and no match rule, a version has always meant exactly that one.
  const isExact =
    resourceVersionMatch === 'Exact' || (resourceVersionMatch === undefined && limit > 0);
  return { from: range.start, revision: isExact ? Number(resourceVersion) : 0 };
}

function expired(options: ListOptions): ApiError {
  if (options.continue === undefined) {
    return apiError('Expired', 'The resourceVersion for the provided list is too old.');
  }
  const { startKey } = parseContinueToken(options.continue);
  const token = formatContinueToken({ revision: -1, startKey });
  // A list of all that follows, though not of one moment, is what most callers want next.
  return apiError('Expired', expiredContinue, undefined, { metadata: { continue: token } });
}

const expiredContinue =
  'The provided continue parameter is too old to display a consistent list result. You can start ' +
  'a new list without the continue parameter, or use the continue token in this response to ' +
  'retrieve the remainder of the results. Continuing with the provided token results in an ' +
  'inconsistent list - objects that were created, modified, or deleted between the time the first ' +
  'chunk was returned and now may show up in the list.';
