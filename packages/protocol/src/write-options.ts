import { badRequest, invalid } from './api-error.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  tooLong,
  unsupported,
} from './field-error.ts';
import { stringifyJson } from './json-text.ts';
import { jsonTypeOf } from './json-value.ts';
import { readBoolean, readInteger, readText } from './query-values.ts';

/** How to create or update. Source: meta/v1 CreateOptions, UpdateOptions. */
export interface WriteOptions {
  /** `['All']` runs everything and keeps nothing. */
  readonly dryRun?: readonly string[];
  readonly fieldManager?: string;
  /** Absent means `Warn`. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
}

/** How to patch. Source: meta/v1 PatchOptions. */
export interface PatchOptions extends WriteOptions {
  /** Only for apply: takes over what other managers own. */
  readonly force?: boolean;
}

/** How to delete. Source: meta/v1 DeleteOptions. */
export interface DeleteOptions {
  /** `['All']` runs everything and deletes nothing; never empty once it is parsed. */
  readonly dryRun?: readonly string[];
  /** 0 means at once; absent means as the kind has it. */
  readonly gracePeriodSeconds?: number;
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** Reads the options of a create from its query. Errors: an Invalid `ApiError` names each. */
export function parseCreateOptions(query: string): WriteOptions {
  return check('CreateOptions', readWriteOptions(new URLSearchParams(query)));
}

/** Reads the options of an update from its query. Errors: an Invalid `ApiError` names each. */
export function parseUpdateOptions(query: string): WriteOptions {
  return check('UpdateOptions', readWriteOptions(new URLSearchParams(query)));
}

/**
 * Reads the options of a patch from its query.
 *
 * Errors: an Invalid `ApiError`: apply needs a `fieldManager`, and nothing else takes `force`.
 */
export function parsePatchOptions(
  query: string,
  { isApply }: { readonly isApply: boolean },
): PatchOptions {
  const values = new URLSearchParams(query);
  const { options, errors } = readWriteOptions(values);
  const force = readBoolean(values, 'force');
  const first: FieldError[] = [];
  if (isApply && options.fieldManager === undefined) {
    first.push(required('fieldManager', 'is required for apply patch'));
  }
  if (!isApply && force !== undefined) {
    first.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  }
  return check('PatchOptions', {
    options: { ...options, ...(force === undefined ? {} : { force }) },
    errors: [...first, ...errors],
  });
}

/**
 * Reads the options of a delete from its decoded body, or from its query when there is no body.
 *
 * Errors: an `ApiError`: BadRequest for a body that is no DeleteOptions, Invalid for wrong options.
 */
export function parseDeleteOptions(request: {
  readonly query: string;
  /** Undefined when the request had none. */
  readonly body: unknown;
}): DeleteOptions {
  const found =
    request.body === undefined
      ? deleteOptionsOfQuery(new URLSearchParams(request.query))
      : deleteOptionsOfBody(request.body);
  const { dryRun, propagationPolicy, ...rest } = found;
  const errors: FieldError[] = [];
  if (propagationPolicy !== undefined && found.orphanDependents !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(invalidValue('propagationPolicy', propagationPolicy, why));
  }
  if (propagationPolicy !== undefined && !isPropagationPolicy(propagationPolicy)) {
    errors.push(unsupported('propagationPolicy', propagationPolicy, [...policies, 'nil']));
  }
  errors.push(...dryRunErrors(dryRun));
  const options = {
    ...rest,
    // An empty list asks for nothing.
    ...(dryRun === undefined || dryRun.length === 0 ? {} : { dryRun }),
    ...(isPropagationPolicy(propagationPolicy) ? { propagationPolicy } : {}),
  };
  return check('DeleteOptions', { options, errors });
}

/** Writes the options of a create, update or patch as a query; the parsers read them back. */
export function formatWriteOptions(options: PatchOptions): string {
  const query = new URLSearchParams();
  for (const value of options.dryRun ?? []) query.append('dryRun', value);
  if (options.fieldManager !== undefined) query.set('fieldManager', options.fieldManager);
  if (options.fieldValidation !== undefined) query.set('fieldValidation', options.fieldValidation);
  if (options.force !== undefined) query.set('force', String(options.force));
  return query.toString();
}

interface Findings<T> {
  readonly options: T;
  readonly errors: readonly FieldError[];
}

function check<T>(kind: string, { options, errors }: Findings<T>): T {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind, name: '' }, errors);
  return options;
}

function readWriteOptions(values: URLSearchParams): Findings<WriteOptions> {
  const dryRun = values.getAll('dryRun');
  const fieldManager = readText(values, 'fieldManager');
  const validation = readText(values, 'fieldValidation');
  const isKnown = validation === 'Strict' || validation === 'Warn' || validation === 'Ignore';
  const errors = [...fieldManagerErrors(fieldManager ?? ''), ...dryRunErrors(dryRun)];
  if (validation !== undefined && !isKnown) {
    errors.push(unsupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  const options: WriteOptions = {
    ...(dryRun.length === 0 ? {} : { dryRun }),
    ...(fieldManager === undefined ? {} : { fieldManager }),
    ...(isKnown ? { fieldValidation: validation } : {}),
  };
  return { options, errors };
}

/** Printable, and at most 128 bytes, since it is stored with every object. */
function fieldManagerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (new TextEncoder().encode(manager).length > 128) errors.push(tooLong('fieldManager', 128));
  let position = 0;
  for (const character of manager) {
    if (character !== ' ' && /[\p{C}\p{Z}]/u.test(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      const why = `invalid character U+${code} (at position ${position})`;
      errors.push(invalidValue('fieldManager', manager, why));
      break;
    }
    position += new TextEncoder().encode(character).length;
  }
  return errors;
}

function dryRunErrors(dryRun: readonly string[] | undefined): FieldError[] {
  const isSupported = dryRun === undefined || dryRun.every((value) => value === 'All');
  return isSupported ? [] : [unsupported('dryRun', dryRun, ['All'])];
}

const policies = ['Foreground', 'Background', 'Orphan'] as const;

function isPropagationPolicy(text: string | undefined): text is (typeof policies)[number] {
  return policies.some((policy) => policy === text);
}

type UncheckedDeleteOptions = Omit<DeleteOptions, 'propagationPolicy'> & {
  readonly propagationPolicy?: string;
};

function deleteOptionsOfQuery(values: URLSearchParams): UncheckedDeleteOptions {
  const dryRun = values.getAll('dryRun');
  const grace = readInteger(values, 'gracePeriodSeconds');
  const gracePeriodSeconds = grace === undefined ? undefined : exact(grace);
  const orphanDependents = readBoolean(values, 'orphanDependents');
  const propagationPolicy = values.get('propagationPolicy');
  return {
    ...(dryRun.length === 0 ? {} : { dryRun }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(propagationPolicy === null ? {} : { propagationPolicy }),
  };
}

function deleteOptionsOfBody(body: unknown): UncheckedDeleteOptions {
  const fields = objectOf(body, 'DeleteOptions');
  const kind = fields['kind'] ?? 'DeleteOptions';
  if (kind !== 'DeleteOptions') {
    throw badRequest(`the body of a delete must be DeleteOptions, not ${stringifyJson(kind)}`);
  }
  const dryRun = fields['dryRun'] ?? undefined;
  const grace = fields['gracePeriodSeconds'] ?? undefined;
  const orphan = fields['orphanDependents'] ?? undefined;
  const policy = fields['propagationPolicy'] ?? undefined;
  const preconditions = fields['preconditions'] ?? undefined;
  return {
    ...(dryRun === undefined ? {} : { dryRun: textsOf(dryRun, 'dryRun') }),
    ...(grace === undefined ? {} : { gracePeriodSeconds: integerOf(grace, 'gracePeriodSeconds') }),
    ...(orphan === undefined ? {} : { orphanDependents: flagOf(orphan, 'orphanDependents') }),
    ...(policy === undefined ? {} : { propagationPolicy: textOf(policy, 'propagationPolicy') }),
    ...(preconditions === undefined ? {} : { preconditions: preconditionsOf(preconditions) }),
  };
}

function preconditionsOf(value: unknown): { uid?: string; resourceVersion?: string } {
  const fields = objectOf(value, 'preconditions');
  const uid = fields['uid'] ?? undefined;
  const version = fields['resourceVersion'] ?? undefined;
  return {
    ...(uid === undefined ? {} : { uid: textOf(uid, 'preconditions.uid') }),
    ...(version === undefined
      ? {}
      : { resourceVersion: textOf(version, 'preconditions.resourceVersion') }),
  };
}

function objectOf(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongField(value, { field, type: 'object' });
  }
  return value as Readonly<Record<string, unknown>>;
}

function textOf(value: unknown, field: string): string {
  if (typeof value !== 'string') throw wrongField(value, { field, type: 'string' });
  return value;
}

function textsOf(value: unknown, field: string): readonly string[] {
  if (!Array.isArray(value)) throw wrongField(value, { field, type: '[]string' });
  return value.map((each) => textOf(each, field));
}

function flagOf(value: unknown, field: string): boolean {
  if (typeof value !== 'boolean') throw wrongField(value, { field, type: 'bool' });
  return value;
}

function integerOf(value: unknown, field: string): number {
  if (typeof value === 'bigint') return exact(value);
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw wrongField(value, { field, type: 'int64' });
  }
  return value;
}

/** The nearest number that is exact: so many seconds are as good as any other. */
function exact(value: number | bigint): number {
  const { MAX_SAFE_INTEGER: max } = Number;
  return Math.max(-max, Math.min(Number(value), max));
}

function wrongField(
  value: unknown,
  { field, type }: { readonly field: string; readonly type: string },
): Error {
  const path = field === 'DeleteOptions' ? 'value' : `struct field DeleteOptions.${field}`;
  return badRequest(`json: cannot unmarshal ${jsonTypeOf(value)} into Go ${path} of type ${type}`);
}
