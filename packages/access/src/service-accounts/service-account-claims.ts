import { isJsonObject } from '@fairway/protocol';

/** What a service-account token says, beside the registered claims. Source: KEP-1205, KEP-4193. */
export interface ServiceAccountClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  /** Seconds since 1970, as the next two. */
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number;
  readonly jti: string;
  readonly 'kubernetes.io': KubernetesClaims;
}

export interface KubernetesClaims {
  readonly namespace: string;
  readonly serviceaccount: ObjectReference;
  readonly pod?: ObjectReference;
  readonly secret?: ObjectReference;
  readonly node?: ObjectReference;
  /** From this second on the token should have been renewed. */
  readonly warnafter?: number;
}

export interface ObjectReference {
  readonly name: string;
  /** Empty for the node of a pod when that node was not there. */
  readonly uid: string;
}

/** The claims of a verified token; undefined when one that we need is missing or of a wrong type. */
export function readClaims(payload: unknown): ServiceAccountClaims | undefined {
  if (!isJsonObject(payload)) return undefined;
  const { iss, sub, aud, exp, nbf, iat, jti } = payload;
  const kubernetes = readKubernetesClaims(payload['kubernetes.io']);
  const audiences = typeof aud === 'string' ? [aud] : aud;
  if (!isText(iss) || !isText(sub) || !isTextList(audiences) || kubernetes === undefined) {
    return undefined;
  }
  if (!isSeconds(exp)) return undefined;
  return {
    iss,
    sub,
    aud: audiences,
    exp,
    nbf: isSeconds(nbf) ? nbf : 0,
    iat: isSeconds(iat) ? iat : 0,
    jti: isText(jti) ? jti : '',
    'kubernetes.io': kubernetes,
  };
}

function readKubernetesClaims(value: unknown): KubernetesClaims | undefined {
  if (!isJsonObject(value)) return undefined;
  const { namespace, serviceaccount, warnafter } = value;
  const account = readReference(serviceaccount);
  if (!isText(namespace) || account === undefined) return undefined;
  const bound = ['pod', 'secret', 'node'].flatMap((kind) => {
    const given = value[kind];
    if (given === undefined || given === null) return [];
    return [[kind, kind === 'node' ? readNode(given) : readReference(given)] as const];
  });
  // A binding that cannot be read makes the token invalid: it must not count as unbound.
  if (bound.some(([, reference]) => reference === undefined)) return undefined;
  return {
    namespace,
    serviceaccount: account,
    ...Object.fromEntries(bound),
    ...(isSeconds(warnafter) ? { warnafter } : {}),
  };
}

function readReference(value: unknown): ObjectReference | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, uid } = value;
  return isText(name) && isText(uid) ? { name, uid } : undefined;
}

/** The node of a pod may have a name only. */
function readNode(value: unknown): ObjectReference | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, uid = '' } = value;
  return isText(name) && typeof uid === 'string' ? { name, uid } : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
