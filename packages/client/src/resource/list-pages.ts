import {
  ApiError,
  type KubernetesObject,
  type ObjectList,
  type ResourceDescriptor,
} from '@fairway/protocol';
import { isExpired } from '../api-error-guards.ts';
import type { Table } from './call-options.ts';
import { ContinueTokens, requireItems } from './require-answer.ts';

/** Objects of a collection, fetched page by page while they are looked at. */
export interface ObjectPages<T extends KubernetesObject> extends AsyncIterable<T> {
  /** Everything at once, with the version from which a watch goes on. */
  all(): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }>;
}

/** Rows of a collection, fetched page by page. */
export interface TablePages extends AsyncIterable<Table> {
  /** One table of all rows. */
  all(): Promise<Table>;
}

/** Fetches the page that a continue token names; without one the first, unpaged on demand. */
export type FetchPage<Page> = (at: {
  readonly continue?: string;
  readonly isUnpaged: boolean;
}) => Promise<Page>;

/**
 * Pages over a list of objects.
 *
 * When the token of a page has expired, the whole list is asked for once more, unpaged: iterating
 * goes on with those objects that have not been seen, and `all` begins anew.
 */
export function objectPages<T extends KubernetesObject>(
  kind: ResourceDescriptor,
  fetchPage: FetchPage<ObjectList<T>>,
): ObjectPages<T> {
  return {
    async *[Symbol.asyncIterator]() {
      const seen = new Set<string>();
      for await (const { page, isAnew } of readPages(kind, fetchPage)) {
        const isPaged = (page.metadata.continue ?? '') !== '';
        requireItems(kind, page.items ?? []);
        for (const item of takeItems(page)) {
          if (isAnew && seen.has(keyOf(item))) continue;
          if (isPaged) seen.add(keyOf(item));
          yield item;
        }
      }
    },
    async all() {
      let items: T[] = [];
      let resourceVersion = '';
      for await (const { page, isAnew } of readPages(kind, fetchPage)) {
        if (isAnew) items = [];
        requireItems(kind, page.items ?? []);
        for (const item of page.items ?? []) items.push(item);
        resourceVersion = page.metadata.resourceVersion ?? '';
      }
      return { items, resourceVersion };
    },
  };
}

/** Pages over a list in the form of a table. After an expired token, rows may come again. */
export function tablePages(kind: ResourceDescriptor, fetchPage: FetchPage<Table>): TablePages {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const { page } of readPages(kind, fetchPage)) yield page;
    },
    async all() {
      let whole: Table | undefined;
      for await (const { page, isAnew } of readPages(kind, fetchPage)) {
        const before = whole === undefined || isAnew ? [] : whole.rows;
        whole = { ...page, rows: [...before, ...(page.rows ?? [])] };
      }
      if (whole === undefined) throw new Error('a list has at least one page');
      return whole;
    },
  };
}

async function* readPages<Page extends ObjectList | Table>(
  kind: ResourceDescriptor,
  fetchPage: FetchPage<Page>,
): AsyncGenerator<{ readonly page: Page; readonly isAnew: boolean }> {
  const tokens = new ContinueTokens(kind);
  const tokenAfter = (page: Page): string => tokens.after(page.metadata.continue, countOf(page));
  let page = await fetchPage({ isUnpaged: false });
  let token = tokenAfter(page);
  yield { page, isAnew: false };
  while (token !== '') {
    const next = await fetchPage({ continue: token, isUnpaged: false }).catch(undefinedWhenExpired);
    if (next === undefined) {
      yield { page: await fetchPage({ isUnpaged: true }), isAnew: true };
      return;
    }
    page = next;
    // Before the items are taken out of it.
    token = tokenAfter(page);
    yield { page, isAnew: false };
  }
}

function countOf(page: ObjectList | Table): number {
  return ('rows' in page ? page.rows : (page as ObjectList).items)?.length ?? 0;
}

// Lets go of each item as it is given away: two whole pages in memory make the heap grow by more
// than their size.
function* takeItems<T extends KubernetesObject>({ items }: ObjectList<T>): Generator<T> {
  const waiting = (items ?? []) as T[];
  waiting.reverse();
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) yield item;
}

function undefinedWhenExpired(error: unknown): undefined {
  if (error instanceof ApiError && isExpired(error)) return undefined;
  throw error;
}

function keyOf(item: KubernetesObject): string {
  return `${item.metadata?.namespace ?? ''}/${item.metadata?.name ?? ''}`;
}
