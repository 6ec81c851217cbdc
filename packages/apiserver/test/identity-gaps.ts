import type { KnownGaps } from '@fairway/apiserver/recorded-story';

const staticTokens = 'there is no file of static tokens';
const atOnce = 'a deleted object shuts the door at once, not after ten seconds';
const version = 'a version of our own';
const ofReviews = "which of several bindings comes first is left to chance, and one is a vendor's";
const vendorRole = "a vendor's role lets anonymous callers discover the issuer";
const otherNodes = 'what the recorder had made beside, and a node controller, are not told';

/** Where this server answers otherwise, by story and step. */
export const identityGaps: KnownGaps = {
  'tokenreview: good, wrong audience, tampered, other issuer, empty 7': staticTokens,
  'tokenreview: good, wrong audience, tampered, other issuer, empty 14': version,
  'tokenreview: bound object or account deleted, expired 1': atOnce,
  'tokenreview: bound object or account deleted, expired 3': atOnce,
  'tokenreview: bound object or account deleted, expired 5': atOnce,
  'subjectaccessreview and friends 6': ofReviews,
  'subjectaccessreview and friends 18': ofReviews,
  'subjectaccessreview and friends 20': ofReviews,
  'subjectaccessreview and friends 22': ofReviews,
  'oidc discovery 3': { why: vendorRole, code: 403 },
  'node authorizer: refusals and grants for system:node:rec-b-idn 6': otherNodes,
  'node authorizer: refusals and grants for system:node:rec-b-idn 10': otherNodes,
  'node authorizer: refusals and grants for system:node:rec-b-idn 16': {
    why: otherNodes,
    code: 404,
  },
};
