import { readFileSync } from 'node:fs';

import { invalid, type KubernetesObject, type Status } from '@fairway/protocol';

/** What a real API server 1.36 answered to one create. */
export interface GoldenCase {
  readonly name: string;
  readonly path: string;
  readonly request: unknown;
  readonly code: number;
  readonly response: Readonly<Record<string, unknown>>;
}

/** Reads `defaulting.json` or `rejections.json`. */
export function readGoldenCases(file: string): readonly GoldenCase[] {
  const url = new URL(`${file}`, import.meta.url);
  const cases = JSON.parse(readFileSync(url, 'utf8')) as Record<string, Omit<GoldenCase, 'name'>>;
  return Object.entries(cases).map(([name, rest]) => ({ name, ...rest }));
}

/** What a real API server 1.36 found wrong with one object. */
export interface RecordedRejection {
  readonly name: string;
  readonly path: string;
  readonly request: unknown;
  /** Reason, field and message of each, in order. */
  readonly causes: readonly (readonly [string, string, string])[];
}

/** Creates that were refused while stories were recorded. */
export function readRecordedRejections(): readonly RecordedRejection[] {
  const url = new URL('recorded-rejections.json', import.meta.url);
  const cases = JSON.parse(readFileSync(url, 'utf8')) as Record<
    string,
    Omit<RecordedRejection, 'name'>
  >;
  return Object.entries(cases).map(([name, rest]) => ({ name, ...rest }));
}

/** Objects with expressions (CEL) that a real API server 1.36 took while stories were recorded. */
export function readRecordedExpressions(): readonly Omit<RecordedRejection, 'causes'>[] {
  const url = new URL('recorded-expressions.json', import.meta.url);
  const cases = JSON.parse(readFileSync(url, 'utf8')) as Record<
    string,
    Pick<RecordedRejection, 'path' | 'request'>
  >;
  return Object.entries(cases).map(([name, rest]) => ({ name, ...rest }));
}

/** Which resource a collection's path is about. */
export function resourceOfPath(path: string): {
  group: string;
  plural: string;
  namespace: string | undefined;
} {
  const parts = path.split('/').filter((part) => part !== '');
  const group = parts[0] === 'apis' ? (parts[1] ?? '') : '';
  const rest = parts.slice(parts[0] === 'apis' ? 3 : 2);
  const isNamespaced = rest[0] === 'namespaces' && rest.length === 3;
  return {
    group,
    plural: (isNamespaced ? rest[2] : rest[0]) ?? '',
    namespace: isNamespaced ? rest[1] : undefined,
  };
}

/** An object without what differs from server to server: ids, times, versions, addresses. */
export function comparable(object: unknown): unknown {
  const uid = (object as KubernetesObject).metadata?.uid;
  return strip(object, uid);
}

const ignoredKeys = new Set([
  'uid',
  'creationTimestamp',
  'resourceVersion',
  'generation',
  'managedFields',
  'lastPhaseTransitionTime',
  'clusterIP',
  'clusterIPs',
  'ipFamilies',
  'ipFamilyPolicy',
  'nodePort',
]);

function strip(value: unknown, uid: string | undefined): unknown {
  if (typeof value === 'string') {
    const named = value.replace(/^kube-api-access-[a-z0-9]{5}$/, 'kube-api-access-xxxxx');
    return uid !== undefined && named === uid ? 'the-uid' : named;
  }
  if (Array.isArray(value)) return value.map((item) => strip(item, uid));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !ignoredKeys.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, strip(inner, uid)]));
}

/** The Status that goes with what is wrong with an object. */
export function rejectionOf(
  object: KubernetesObject,
  { group, errors }: { group: string; errors: Parameters<typeof invalid>[1] },
): Status {
  const name = object.metadata?.name ?? '';
  return invalid({ group, kind: object.kind ?? '', name }, errors).status;
}
