import { ApiError, isJsonObject, parseRequestTarget } from '@fairway/protocol';
import type { AnsweredRequest } from './recorded-rights.ts';

/** What a line of an audit log tells of a request. */
export interface AuditedRequest {
  /** In whose name it was; whom somebody acted as. */
  readonly username: string;
  readonly answered: AnsweredRequest;
}

/** A line of an audit log that cannot be used; the message says why. */
export class AuditLineError extends Error {
  override readonly name = 'AuditLineError';
}

/**
 * Reads a line of an audit log; undefined for a stage without an answer.
 *
 * Errors: `AuditLineError`. Source: audit.k8s.io/v1 Event.
 */
export function readAuditLine(line: string): AuditedRequest | undefined {
  const event = parse(line);
  const { kind, apiVersion, stage, verb, requestURI: uri } = event;
  if (kind !== 'Event' || apiVersion !== 'audit.k8s.io/v1') {
    throw new AuditLineError('it is no Event of audit.k8s.io/v1');
  }
  if (stage === 'RequestReceived' || stage === 'Panic') return undefined;
  if (typeof verb !== 'string' || typeof uri !== 'string' || !uri.startsWith('/')) {
    throw new AuditLineError('it has no verb or no requestURI');
  }
  const username = nameOf(event['impersonatedUser']) ?? nameOf(event['user']);
  // Who was not known has no rights to tell of.
  if (username === undefined) return undefined;
  return { username, answered: { target: targetOf(verb, uri), status: statusOf(event) } };
}

function parse(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new AuditLineError('it is not JSON', { cause });
  }
  if (isJsonObject(value)) return value;
  throw new AuditLineError('it is no object');
}

function nameOf(user: unknown): string | undefined {
  if (!isJsonObject(user)) return undefined;
  const { username } = user;
  return typeof username === 'string' && username !== '' ? username : undefined;
}

function targetOf(verb: string, uri: string): AnsweredRequest['target'] {
  const at = uri.indexOf('?');
  const [path, query] = at === -1 ? [uri, ''] : [uri.slice(0, at), uri.slice(at + 1)];
  try {
    // A method that is not known here is that of a path, in lower case.
    return parseRequestTarget({ method: methods[verb] ?? verb.toUpperCase(), path, query });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new AuditLineError(`its requestURI cannot be read: ${error.message}`, { cause: error });
  }
}

const methods: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

/**
 * The code of the answer, as far as authorization goes: when it has allowed what somebody else forbids in the end,
 * admission say, the right was needed all the same.
 */
function statusOf(event: Readonly<Record<string, unknown>>): number {
  const { responseStatus: status, annotations } = event;
  const code = isJsonObject(status) ? status['code'] : undefined;
  const decision = isJsonObject(annotations)
    ? annotations['authorization.k8s.io/decision']
    : undefined;
  if (decision === 'forbid') return 403;
  if (typeof code !== 'number') throw new AuditLineError('it has no responseStatus.code');
  return code === 403 && decision === 'allow' ? 422 : code;
}
