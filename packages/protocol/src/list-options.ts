import { ApiError, badRequest, failureOf, invalid } from './api-error.ts';
import { type FieldError, forbiddenField, unsupported } from './field-error.ts';
import { readBoolean, readInteger, readText } from './query-values.ts';

/** How to list or watch a collection. Source: meta/v1 ListOptions. */
export interface ListOptions {
  /** As text; `parseLabelSelector` reads it. */
  readonly labelSelector?: string;
  /** As text; `parseFieldSelector` reads it. */
  readonly fieldSelector?: string;
  /** Entries on a page; absent or 0 means all. */
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  readonly watch?: boolean;
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

/**
 * Reads the options of a list or watch from its query (without the `?`).
 *
 * Errors: an `ApiError`: BadRequest for a value that cannot be read, Invalid for options that do
 * not go together, 500 for a watch from a version that is none. The selectors are not looked at.
 */
export function parseListOptions(query: string): ListOptions {
  if (query === '') return {};
  const values = new URLSearchParams(query);
  const match = readText(values, 'resourceVersionMatch');
  const options = withoutUndefined({
    labelSelector: readText(values, 'labelSelector'),
    fieldSelector: readText(values, 'fieldSelector'),
    limit: readInteger(values, 'limit'),
    continue: readText(values, 'continue'),
    resourceVersion: readText(values, 'resourceVersion'),
    watch: readBoolean(values, 'watch'),
    allowWatchBookmarks: readBoolean(values, 'allowWatchBookmarks'),
    sendInitialEvents: readBoolean(values, 'sendInitialEvents'),
    timeoutSeconds: readInteger(values, 'timeoutSeconds'),
  });
  const errors = options.watch === true ? watchErrors(options, match) : listErrors(options, match);
  if (errors.length > 0) {
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions', name: '' }, errors);
  }
  checkResourceVersion(options);
  return match === 'Exact' || match === 'NotOlderThan'
    ? { ...options, resourceVersionMatch: match }
    : options;
}

/** Writes options as a query, empty when nothing is set; `parseListOptions` reads them back. */
export function formatListOptions(options: ListOptions): string {
  const query = new URLSearchParams();
  for (const name of names) {
    const value = options[name];
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  return query.toString();
}

const names = [
  'labelSelector',
  'fieldSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'watch',
  'allowWatchBookmarks',
  'sendInitialEvents',
  'timeoutSeconds',
] as const satisfies readonly (keyof ListOptions)[];

const matchField = 'resourceVersionMatch';

function listErrors(options: ListOptions, match: string | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (match !== undefined) {
    if (options.resourceVersion === undefined) {
      const why = 'resourceVersionMatch is forbidden unless resourceVersion is provided';
      errors.push(forbiddenField(matchField, why));
    }
    if (options.continue !== undefined) errors.push(forbiddenForContinue);
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(unsupported(matchField, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && options.resourceVersion === '0') {
      const why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"';
      errors.push(forbiddenField(matchField, why));
    }
  }
  if (options.sendInitialEvents !== undefined) {
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors(options: ListOptions, match: string | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (options.sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    const why = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    errors.push(forbiddenField(matchField, why));
  }
  if (match === undefined) return errors;
  if (options.sendInitialEvents === undefined) {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    errors.push(forbiddenField(matchField, why));
  }
  if (match !== 'NotOlderThan') errors.push(unsupported(matchField, match, ['NotOlderThan']));
  if (options.continue !== undefined) errors.push(forbiddenForContinue);
  return errors;
}

const forbiddenForContinue = forbiddenField(
  matchField,
  'resourceVersionMatch is forbidden for continue',
);

/** A list refuses a version that is none as the caller's fault, a watch, as in Kubernetes, as one of its own. */
function checkResourceVersion({ resourceVersion: text, watch }: ListOptions): void {
  if (text === undefined) return;
  const isNumber = /^[0-9]+$/.test(text);
  if (isNumber && text.length <= 20 && BigInt.asUintN(64, BigInt(text)) === BigInt(text)) return;
  const quoted = JSON.stringify(text);
  const why = `strconv.ParseUint: parsing ${quoted}: ${isNumber ? 'value out of range' : 'invalid syntax'}`;
  const message = `resourceVersion: Invalid value: ${quoted}: ${why}`;
  if (watch === true) throw new ApiError(failureOf({ message }, 500));
  throw badRequest(`invalid resource version: ${message}`);
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(values: T): Defined<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
