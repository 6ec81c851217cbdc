import {
  type AccessReview,
  type AuthorizationMode,
  type Authorizer,
  type SubjectReview,
  type TokenAuthenticator,
  type TokenReview,
  reviewLocalSubjectAccess,
  reviewSelfSubject,
  reviewSelfSubjectAccess,
  reviewSelfSubjectRules,
  reviewSubjectAccess,
  type RulesReview,
  reviewToken,
} from '@fairway/access';
import { type HttpResponse, formatTime, parseCreateOptions } from '@fairway/protocol';
import { decodeObject } from '../content/decode-object.ts';
import { encodeObject } from '../content/encode-object.ts';
import { chooseRepresentation, withoutTable } from '../content/representation.ts';
import type { IncomingObject } from '../content/incoming-object.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { settleOwnership } from '../ownership/settle-ownership.ts';
import { setManagedFields } from '../ownership/set-managed-fields.ts';
import type { VersionParts } from '../ownership/write-scope.ts';
import type { Call, ShowParts } from '../calls/call.ts';
import type { BodyParts } from '../content/read-object-body.ts';
import { readObjectBody } from '../content/read-object-body.ts';

/** What reviews ask. */
export interface Reviewers {
  readonly authorizer: Authorizer;
  readonly rulesFor: AuthorizationMode['rulesFor'];
  readonly tokens: TokenAuthenticator;
  readonly audiences: readonly string[];
}

type Review = (draft: unknown, call: Call<ShowParts>, reviewers: Reviewers) => unknown;

/** Kinds that are never stored: the answer to a create is the question with a status. */
const reviews: ReadonlyMap<string, Review> = new Map<string, Review>([
  [
    'selfsubjectaccessreviews',
    (draft, { request }, { authorizer }) =>
      reviewSelfSubjectAccess(draft as AccessReview, request.user, authorizer),
  ],
  [
    'subjectaccessreviews',
    (draft, _call, { authorizer }) => reviewSubjectAccess(draft as SubjectReview, authorizer),
  ],
  [
    'localsubjectaccessreviews',
    (draft, { target }, { authorizer }) =>
      reviewLocalSubjectAccess(draft as SubjectReview, target.namespace, authorizer),
  ],
  [
    'selfsubjectrulesreviews',
    (draft, { request }, { rulesFor }) =>
      reviewSelfSubjectRules(draft as RulesReview, request.user, rulesFor),
  ],
  ['selfsubjectreviews', (_draft, { request }) => reviewSelfSubject(request.user)],
  [
    'tokenreviews',
    (draft, _call, { tokens, audiences }) => reviewToken(draft as TokenReview, tokens, audiences),
  ],
]);

/** Whether creating this resource asks a question rather than storing something. */
export function isReview({ plural, isBuiltIn }: ServedResource): boolean {
  return isBuiltIn && reviews.has(plural);
}

/** Answers `POST` on a review. */
export async function createReview(
  call: Call<ShowParts & BodyParts & VersionParts>,
  reviewers: Reviewers,
): Promise<HttpResponse> {
  const { request, resource, parts } = call;
  const options = parseCreateOptions(request.query);
  const { fieldValidation = 'Warn' } = options;
  const representation = chooseRepresentation(request, withoutTable);
  const draft = await decodeObject(call, resource, {
    body: await readObjectBody(call),
    fieldValidation,
  });
  setManagedFields(draft.metadata, await settleOwnership(call, { object: draft, options }));
  draft['spec'] ??= {};
  const status = await reviews.get(resource.plural)?.(draft, call, reviewers);
  const object = { ...draft, status } as IncomingObject;
  // The answer does not repeat which namespace it is about.
  if (resource.plural === 'selfsubjectrulesreviews') object['spec'] = {};
  if (resource.plural === 'selfsubjectreviews') {
    delete object['spec'];
    object.metadata.creationTimestamp = formatTime(parts.clock.now());
  }
  return encodeObject(call, representation, { status: 201, object });
}
