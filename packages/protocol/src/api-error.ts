import { type FieldError, describeFieldError } from './field-error.ts';
import type { HttpHeaders } from './http-message.ts';
import { type Status, type StatusDetails, statusCodes } from './status.ts';

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

  constructor(
    status: Status,
    options: { detail?: string; headers?: HttpHeaders; cause?: unknown } = {},
  ) {
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

/** Makes an error with the code that belongs to `reason`. */
export function apiError(
  reason: keyof typeof statusCodes,
  message: string,
  details?: StatusDetails,
): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code: statusCodes[reason],
  });
}

export function badRequest(message: string): ApiError {
  return apiError('BadRequest', message);
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
      ? `${groupResource(subject)} is forbidden: ${why}`
      : `${quote(subject)} is forbidden: ${why}`;
  return apiError('Forbidden', message, detailsOf(subject));
}

/** One error for all that is wrong with an object, each as a cause that names its field. */
export function invalid(
  subject: { readonly group: string; readonly kind: string; readonly name: string },
  errors: readonly FieldError[],
): ApiError {
  const causes = describeErrors(errors);
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  if (causes.length < errors.length) texts.push(`and ${errors.length - causes.length} more`);
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  const kind = subject.group === '' ? subject.kind : `${subject.kind}.${subject.group}`;
  return apiError('Invalid', `${kind} "${subject.name}" is invalid: ${list}`, {
    ...(subject.name === '' ? {} : { name: subject.name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    ...(subject.kind === '' ? {} : { kind: subject.kind }),
    causes,
  });
}

/** What a caller is told at most: thousands of errors may each quote the same long list. */
const errorCharactersMax = 1024 * 1024;

/** As many as fit; one always does. */
function describeErrors(errors: readonly FieldError[]): {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}[] {
  const described = [];
  let characters = 0;
  for (const error of errors) {
    if (characters > errorCharactersMax) break;
    const { reason, field } = error;
    const message = describeFieldError(error);
    characters += message.length;
    described.push({ reason, message, field });
  }
  return described;
}

function groupResource(subject: Subject): string {
  return subject.group === '' ? subject.plural : `${subject.plural}.${subject.group}`;
}

function quote(subject: Subject): string {
  return `${groupResource(subject)} "${subject.name}"`;
}

function detailsOf(subject: Subject): StatusDetails {
  return {
    ...(subject.name === '' ? {} : { name: subject.name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    kind: subject.plural,
  };
}
