import { type FieldError, describeFieldError } from './field-error.ts';
import type { HttpHeaders } from './http-message.ts';
import { groupResourceOf } from './resource-descriptor.ts';
import { type Status, type StatusDetails, statusCodes } from './status.ts';

export interface ApiErrorOptions {
  readonly detail?: string;
  readonly headers?: HttpHeaders;
  readonly cause?: unknown;
}

/**
 * A refusal in the words of a Kubernetes API.
 *
 * On a server, throwing it is how a request is refused: `status` goes to the caller, `detail` to the
 * log. In a client, it is what a call throws when the server refused; `status` is the server's own.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: Status;
  /** For the log of the server that threw it; never sent. */
  readonly detail?: string;
  /** Headers that the answer carries beside the Status, such as `retry-after`. */
  readonly headers?: HttpHeaders;

  constructor(status: Status, options: ApiErrorOptions = {}) {
    super(status.message ?? status.reason ?? `status ${status.code}`, { cause: options.cause });
    this.status = status;
    if (options.detail !== undefined) this.detail = options.detail;
    if (options.headers !== undefined) this.headers = options.headers;
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** What a message names: `deployments.apps "web"`. */
interface Subject {
  readonly group: string;
  readonly plural: string;
  readonly name: string;
}

/** The longest message sent to a caller: messages quote what it sent, some of it many times. */
const messageCharactersMax = 128 * 1024;

/** Makes an error with the code that belongs to `reason`. */
export function apiError(
  reason: keyof typeof statusCodes,
  text: string,
  details?: StatusDetails,
  { metadata = {}, ...options }: ApiErrorOptions & Pick<Partial<Status>, 'metadata'> = {},
): ApiError {
  const message = clip(text, messageCharactersMax);
  const said = { message, reason, ...(details === undefined ? {} : { details }), metadata };
  return new ApiError(failureOf(said, statusCodes[reason]), options);
}

/** Fills in what a server left out of a Status; `code` is used when the Status has no code. */
export function failureOf(said: Partial<Status>, code: number): Status {
  const { metadata = {}, code: saidCode = code, ...rest } = said;
  const known = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure' } as const;
  // In the order in which the API writes them.
  return { ...known, ...rest, ...known, code: saidCode };
}

export function badRequest(message: string): ApiError {
  return apiError('BadRequest', message);
}

/** What is no fault of the caller's. Source: apimachinery, NewInternalError. */
export function internalError(why: string, options: ApiErrorOptions = {}): ApiError {
  const details = { causes: [{ message: clip(why, messageCharactersMax) }] };
  return apiError('InternalError', `Internal error occurred: ${why}`, details, options);
}

export function notFound(subject: Subject): ApiError {
  return apiError('NotFound', `${quote(subject)} not found`, detailsOf(subject));
}

export function alreadyExists(subject: Subject): ApiError {
  return apiError('AlreadyExists', `${quote(subject)} already exists`, detailsOf(subject));
}

export function conflict(subject: Subject, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${quote(subject)}: ${why}`;
  return apiError('Conflict', message, detailsOf(subject));
}

export function forbidden(subject: Subject, why: string): ApiError {
  const message =
    subject.name === ''
      ? `${groupResourceOf(subject)} is forbidden: ${why}`
      : `${quote(subject)} is forbidden: ${why}`;
  return apiError('Forbidden', message, detailsOf(subject));
}

/** One error for all that is wrong with an object, each as a cause that names its field. */
export function invalid(
  subject: { readonly group: string; readonly kind: string; readonly name: string },
  errors: readonly FieldError[],
): ApiError {
  const causes = describeErrors(errors);
  // What is found twice is told once, though both are causes.
  const texts = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))];
  if (causes.length < errors.length) texts.push(`and ${errors.length - causes.length} more`);
  const name = clip(subject.name, causeCharactersMax);
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  const kind = subject.group === '' ? subject.kind : `${subject.kind}.${subject.group}`;
  return apiError('Invalid', `${kind} "${name}" is invalid: ${list}`, {
    ...(name === '' ? {} : { name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    ...(subject.kind === '' ? {} : { kind: subject.kind }),
    causes,
  });
}

/** Of one error, which may quote a long value. */
const causeCharactersMax = 8 * 1024;

/** As many as fit; one always does. */
function describeErrors(errors: readonly FieldError[]): {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}[] {
  const described = [];
  let characters = 0;
  for (const error of errors) {
    if (characters > messageCharactersMax / 2) break;
    const { reason } = error;
    const field = clip(error.field, causeCharactersMax);
    const message = clip(describeFieldError(error), causeCharactersMax);
    characters += field.length + message.length;
    described.push({ reason, message, field });
  }
  return described;
}

function clip(text: string, charactersMax: number): string {
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text;
}

function quote(subject: Subject): string {
  return `${groupResourceOf(subject)} "${subject.name}"`;
}

function detailsOf(subject: Subject): StatusDetails {
  const name = clip(subject.name, causeCharactersMax);
  return {
    ...(name === '' ? {} : { name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    kind: subject.plural,
  };
}
