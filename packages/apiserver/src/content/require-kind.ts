import {
  type KubernetesObject,
  apiVersionOf,
  badRequest,
  invalid,
  invalidValue,
} from '@fairway/protocol';
import type { ExpectedObject } from './expected-object.ts';
import { cannotHandle, quoteBody, unrecognized } from './unreadable-body.ts';

/**
 * A body of a built-in kind may leave out what it is; when it says so, it must be right.
 *
 * Errors: BadRequest and, of custom resources, Invalid `ApiError`s.
 */
export function requireKind(object: KubernetesObject, expected: ExpectedObject): void {
  const apiVersion = apiVersionOf(expected);
  const { kind = '', apiVersion: given = '' } = object;
  if (typeof kind !== 'string' || typeof given !== 'string') {
    throw cannotHandle(expected, 'kind and apiVersion must be strings');
  }
  if (!expected.isBuiltIn) {
    requireCustomKind(object, expected);
    return;
  }
  if (kind !== '' && kind !== expected.kind) throw wrongKind(expected, kind, given);
  if (given !== '' && given !== apiVersion && !isEarlier(given, expected)) {
    const why = `no kind "${expected.kind}" is registered for version "${given}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
    throw cannotHandle({ ...expected, version: given.split('/').at(-1) ?? '' }, why);
  }
  Object.assign(object, { kind: expected.kind, apiVersion });
}

function isEarlier(given: string, { group, earlierVersions = [] }: ExpectedObject): boolean {
  return earlierVersions.some((version) => apiVersionOf({ group, version }) === given);
}

/** The same for custom resources, in other words and another order. */
function requireCustomKind(object: KubernetesObject, expected: ExpectedObject): void {
  const wanted = apiVersionOf(expected);
  const { apiVersion = '', metadata } = object;
  const kind = object.kind || expected.kind;
  if (apiVersion !== '' && apiVersion !== wanted) throw wrongVersion(apiVersion, expected);
  Object.assign(object, { kind, apiVersion: wanted });
  if (kind === expected.kind) return;
  throw invalid({ group: expected.group, kind, name: metadata?.name ?? '' }, [
    invalidValue('kind', kind, `must be ${expected.kind}`),
  ]);
}

function wrongKind(expected: ExpectedObject, kind: string, apiVersion: string): Error {
  const version = apiVersion.split('/').at(-1) ?? '';
  const wanted = `${expected.group === '' ? 'core' : expected.group.split('.')[0]}.${expected.kind}`;
  const why = `converting (${version}.${kind}) to (${wanted}): unknown conversion`;
  return badRequest(
    `${kind} in version "${version}" cannot be handled as a ${expected.kind}: ${why}`,
  );
}

/**
 * A body of a custom resource must say what it is.
 *
 * Errors: BadRequest `ApiError`.
 */
export function requireOwnKind(
  expected: ExpectedObject,
  object: KubernetesObject,
  body: Uint8Array,
): void {
  if (expected.isBuiltIn) return;
  if ((object.kind ?? '') === '') {
    const text = Buffer.from(body).toString();
    throw unrecognized(expected, `Object 'Kind' is missing in '${text}' (${quoteBody(body)})`);
  }
  if ((object.apiVersion ?? '') === '') throw wrongVersion('', expected);
}

function wrongVersion(given: string, expected: ExpectedObject): Error {
  return badRequest(
    `the API version in the data (${given}) does not match the expected API version (${apiVersionOf(expected)})`,
  );
}
