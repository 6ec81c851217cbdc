import {
  type HttpResponse,
  type KubernetesObject,
  apiError,
  formatTime,
  invalid,
  invalidValue,
  notFound,
  parseCreateOptions,
} from '@fairway/protocol';
import { type ServiceAccountTokens, checkTokenLifetime } from '@fairway/access';
import type { TokenRequest } from '@fairway/kinds/authentication/v1';
import { type ExpectedObject, decodeObject } from '../content/decode-object.ts';
import { encodeObject } from '../content/encode-object.ts';
import { chooseRepresentation, withoutTable } from '../content/representation.ts';
import { storageKey } from '../storage/storage-key.ts';
import type { Call, ShowParts, Verb } from '../calls/call.ts';
import type { ReadParts } from '../reads/read-page.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import { settleOwnership } from '../ownership/settle-ownership.ts';
import { readObjectBody } from '../content/read-object-body.ts';

type TokenParts = Pick<ReadParts, 'store' | 'facts' | 'clock'> &
  Pick<WriteParts, 'schemas' | 'yaml' | 'resources'>;

const lifetimeSecondsDefault = 3_600;

/** Answers `POST` on `serviceaccounts/NAME/token`: a token for the account. Source: TokenRequest. */
export function createToken(
  tokens: ServiceAccountTokens,
  audiences: readonly string[],
): Verb<TokenParts> {
  return async (call) => {
    const { request, resource, target, parts } = call;
    const options = parseCreateOptions(request.query);
    const { fieldValidation = 'Warn' } = options;
    const body = await readObjectBody(call);
    const review = await decodeObject(call, tokenRequestKind(call), { body, fieldValidation });
    const managedFields = await settleOwnership(asRequest(call), { object: review, options });
    const { spec } = review as unknown as TokenRequest;
    const lifetimeSeconds = spec?.expirationSeconds ?? lifetimeSecondsDefault;
    if (spec?.boundObjectRef !== undefined) {
      throw apiError('NotImplemented', 'tokens bound to an object are not built yet', {});
    }
    expectSamePlace(review, target);
    const entry = await parts.store.get(storageKey(resource, target.namespace, target.name));
    if (entry === undefined) throw notFound({ ...resource, name: target.name });
    const errors = checkTokenLifetime(lifetimeSeconds);
    // A request for a token has no name of its own.
    if (errors.length > 0) throw invalid({ ...requestKind, name: '' }, errors);
    const account = parts.facts.objectOf(entry);
    const wanted = spec?.audiences?.length ? spec.audiences : audiences;
    const issued = await tokens.issue({
      namespace: target.namespace,
      serviceAccount: { name: target.name, uid: account.metadata?.uid ?? '' },
      audiences: wanted,
      lifetimeSeconds,
    });
    const object = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {
        name: target.name,
        namespace: target.namespace,
        uid: account.metadata?.uid,
        creationTimestamp: formatTime(parts.clock.now()),
        managedFields,
      },
      spec: { audiences: wanted, expirationSeconds: lifetimeSeconds, boundObjectRef: null },
      // The one place that hands a token out: its caller asked for it and was authorized.
      status: { token: issued.token.reveal(), expirationTimestamp: formatTime(issued.expiresMs) },
    };
    return answer(call, object as KubernetesObject);
  };
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
  const schema = parts.schemas.lookup('authentication.k8s.io/v1', 'TokenRequest') ?? {};
  return {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'TokenRequest',
    schema,
    isBuiltIn: true,
    unknownFields: 'dropped',
  };
}
