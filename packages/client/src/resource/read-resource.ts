import {
  type KubernetesObject,
  type ObjectList,
  type ResourceDescriptor,
  apiVersionOf,
} from '@fairway/protocol';
import { isNotFound } from '../api-error-guards.ts';
import type {
  Form,
  GetOptions,
  InForm,
  ListOptions,
  ListPageOptions,
  Table,
} from './call-options.ts';
import { type ObjectPages, type TablePages, objectPages, tablePages } from './list-pages.ts';
import {
  type CallContext,
  acceptList,
  acceptObject,
  callResource,
  selectorQuery,
} from './resource-call.ts';
import { requirePage } from './require-answer.ts';
import { collectionPath, objectPath } from './resource-path.ts';

/** Objects per request of a list that says nothing else. */
const pageLimit = 500;

/** Reads one object. */
export async function getObject<T extends KubernetesObject, F extends Form>(
  context: CallContext,
  subject: {
    readonly kind: ResourceDescriptor<T>;
    readonly name: string;
    readonly subresource?: string;
  },
  options: GetOptions & { readonly as?: F },
): Promise<InForm<T, F>> {
  const answer = await callResource<InForm<T, F>>(context, {
    method: 'GET',
    path: objectPath(context, subject, options),
    query: {
      resourceVersion: options.resourceVersion,
      includeObject: options.includeObject,
    },
    headers: acceptObject(options.as),
    limits: options,
  });
  if (options.as === 'table') requireTable(subject.kind, answer);
  return answer;
}

/** Reads one object; undefined when there is none. */
export async function findObject<T extends KubernetesObject, F extends Form>(
  context: CallContext,
  subject: { readonly kind: ResourceDescriptor<T>; readonly name: string },
  options: GetOptions & { readonly as?: F },
): Promise<InForm<T, F> | undefined> {
  try {
    return await getObject(context, subject, options);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Pages over the objects of a collection. Nothing is sent before the first one is asked for. */
export function listObjects<T extends KubernetesObject>(
  context: CallContext,
  kind: ResourceDescriptor<T>,
  options: ListOptions & { readonly as?: Form },
): ObjectPages<T> {
  return objectPages(kind, (at) =>
    fetchPage<ObjectList<T>>(context, kind, pageOptions(options, at)),
  );
}

/** Pages over the rows of a collection. */
export function listTables(
  context: CallContext,
  kind: ResourceDescriptor,
  options: ListOptions,
): TablePages {
  return tablePages(kind, async (at) => {
    const asked = { ...pageOptions(options, at), as: 'table' as const };
    const answer = await fetchPage<Table>(context, kind, asked);
    requireTable(kind, answer);
    return answer;
  });
}

/** Reads one page of a collection. Errors: `ConnectionError` for what is no page. */
export async function fetchPage<Page>(
  context: CallContext,
  kind: ResourceDescriptor,
  options: ListPageOptions & { readonly as?: Form },
): Promise<Page> {
  const page = await callResource<Page>(context, {
    method: 'GET',
    path: collectionPath(context, kind, options),
    query: {
      ...selectorQuery(options),
      resourceVersion: options.resourceVersion,
      resourceVersionMatch: options.resourceVersionMatch,
      timeoutSeconds: options.timeoutSeconds,
      limit: options.limit === 0 ? undefined : options.limit,
      continue: options.continue,
      includeObject: options.includeObject,
    },
    headers: acceptList(options.as),
    limits: options,
  });
  requirePage(kind, page);
  return page;
}

// A continue token contains the version, and the server refuses requests with both.
function pageOptions<Options extends ListOptions>(
  options: Options,
  at: { readonly continue?: string; readonly isUnpaged: boolean },
): Options & ListPageOptions {
  const { resourceVersion: _, resourceVersionMatch: __, ...rest } = options;
  const limit = at.isUnpaged ? 0 : (options.limit ?? pageLimit);
  if (at.continue !== undefined) return { ...(rest as Options), limit, continue: at.continue };
  if (at.isUnpaged) return { ...(rest as Options), limit };
  return { ...options, limit };
}

function requireTable(kind: ResourceDescriptor, answer: unknown): void {
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'kind' in answer &&
    answer.kind === 'Table'
  ) {
    return;
  }
  throw new Error(
    `the server does not print ${kind.kind} (${apiVersionOf(kind)}) as a table: ask for objects instead`,
  );
}
