import {
  type HttpResponse,
  type KubernetesObject,
  formatTime,
  invalid,
  invalidValue,
  notFound,
  parseCreateOptions,
} from '@fairway/protocol';
import { type ServiceAccountTokens, checkTokenLifetime } from '@fairway/access';
import type { TokenRequest } from '@fairway/kinds/authentication/v1';
import { decodeObject } from '../content/decode-object.ts';
import { type ExpectedObject, builtInKind } from '../content/expected-object.ts';
import { encodeObject } from '../content/encode-object.ts';
import { chooseRepresentation, withoutTable } from '../content/representation.ts';
import { admissionRequest } from '../objects/admission-request.ts';
import { storageKey } from '../storage/storage-key.ts';
import type { Call, ShowParts, Verb } from '../calls/call.ts';
import { warn } from '../calls/with-warnings.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import type { ReadParts } from '../reads/read-page.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import { settleOwnership } from '../ownership/settle-ownership.ts';
import { findBoundObject } from './bound-object.ts';
import { readObjectBody } from '../content/read-object-body.ts';

type TokenParts = Pick<ReadParts, 'store' | 'facts' | 'clock'> &
  Pick<WriteParts, 'schemas' | 'yaml' | 'resources' | 'admission'>;

/** How tokens are given out. */
export interface TokenIssue {
  readonly tokens: ServiceAccountTokens;
  /** Of this server: what a token is for when its request names no audience. */
  readonly audiences: readonly string[];
  /** The longest life that is given; longer wishes are shortened. Absent: no bound but the API's. */
  readonly lifetimeSecondsMax?: number;
  readonly cluster: ClusterReader;
}

const lifetimeSecondsDefault = 3_600;
/** What pods ask for that nobody has told otherwise; see `service-account-admission.ts`. */
const injectedSeconds = 3_607;
/** So long such a token is accepted, for programs that read it once and never again. */
const extendedSeconds = 365 * 24 * 3_600;

/** Answers `POST` on `serviceaccounts/NAME/token`: a token for the account. Source: TokenRequest. */
export function createToken(issue: TokenIssue): Verb<TokenParts> {
  return async (call) => {
    const { request, resource, target, parts } = call;
    const options = parseCreateOptions(request.query);
    const { fieldValidation = 'Warn' } = options;
    const body = await readObjectBody(call);
    const review = await decodeObject(call, tokenRequestKind(call), { body, fieldValidation });
    const managedFields = await settleOwnership(asRequest(call), { object: review, options });
    const { name } = target;
    const admission = admissionRequest(call, { operation: 'CREATE', name, options });
    await parts.admission.admit({ ...admission, draft: review });
    const { spec } = review as unknown as TokenRequest;
    const wantedSeconds = spec?.expirationSeconds ?? lifetimeSecondsDefault;
    expectSamePlace(review, target);
    const entry = await parts.store.get(storageKey(resource, target.namespace, target.name));
    if (entry === undefined) throw notFound({ ...resource, name: target.name });
    const errors = checkTokenLifetime(wantedSeconds);
    // A request for a token has no name of its own.
    if (errors.length > 0) throw invalid({ ...requestKind, name: '' }, errors);
    const uid = parts.facts.objectOf(entry).metadata?.uid ?? '';
    const reference = spec?.boundObjectRef;
    const audiences = spec?.audiences?.length ? spec.audiences : issue.audiences;
    const madeMs = parts.clock.now();
    const asked = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {
        name: target.name,
        namespace: target.namespace,
        uid,
        creationTimestamp: formatTime(madeMs),
        managedFields,
      },
      spec: { audiences, expirationSeconds: wantedSeconds, boundObjectRef: reference ?? null },
      status: { token: '', expirationTimestamp: null },
    };
    await parts.admission.validate({ ...admission, object: asked as KubernetesObject });
    const bound = reference ? await findBoundObject(issue.cluster, target, reference) : {};
    const lifetimeSeconds = boundedLifetime(call, wantedSeconds, issue);
    const isInjected = bound.boundObject?.kind === 'Pod' && lifetimeSeconds === injectedSeconds;
    const isExtended = isInjected && audiences.every((each) => issue.audiences.includes(each));
    const { token } = await issue.tokens.issue({
      namespace: target.namespace,
      serviceAccount: { name: target.name, uid },
      audiences,
      lifetimeSeconds: isExtended ? extendedSeconds : lifetimeSeconds,
      ...bound,
      ...(isExtended ? { warnAfterSeconds: lifetimeSeconds } : {}),
    });
    const object = {
      ...asked,
      spec: { ...asked.spec, expirationSeconds: lifetimeSeconds },
      // The one place that hands a token out: its caller asked for it and was authorized.
      status: {
        token: token.reveal(),
        // Of an extended token too, so that who can renew it does.
        expirationTimestamp: formatTime(madeMs + lifetimeSeconds * 1000),
      },
    };
    return answer(call, object as KubernetesObject);
  };
}

function boundedLifetime(call: Call, seconds: number, { lifetimeSecondsMax }: TokenIssue): number {
  if (lifetimeSecondsMax === undefined || seconds <= lifetimeSecondsMax) return seconds;
  warn(call, [
    `requested expiration of ${seconds} seconds shortened to ${lifetimeSecondsMax} seconds`,
  ]);
  return lifetimeSecondsMax;
}

const requestKind = { group: 'authentication.k8s.io', kind: 'TokenRequest' };

/** A request may name the account that its path names, and no other. */
function expectSamePlace({ metadata }: KubernetesObject, place: Call['target']): void {
  const { name, namespace } = metadata ?? {};
  for (const [part, value, expected] of [
    ['name', name, place.name],
    ['namespace', namespace, place.namespace],
  ] as const) {
    if (!value || value === expected) continue;
    const text = `must match the service account ${part} if specified`;
    const error = invalidValue(`metadata.${part}`, value, text);
    throw invalid({ ...requestKind, name: place.name }, [error]);
  }
}

function answer(call: Call<ShowParts>, object: KubernetesObject): HttpResponse {
  const representation = chooseRepresentation(call.request, withoutTable);
  return encodeObject(call, representation, { status: 201, object });
}

/** The same call as one for what was sent, of which an account is only the place. */
function asRequest(call: Call<TokenParts>): Call<TokenParts> {
  const { group, version, kind, schema } = tokenRequestKind(call);
  const resource = { ...call.resource, group, version, kind, schema, subresources: new Map() };
  return { ...call, resource };
}

function tokenRequestKind({ parts }: Call<TokenParts>): ExpectedObject {
  return builtInKind(parts, { ...requestKind, version: 'v1' });
}
