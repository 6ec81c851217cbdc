import type { Client } from '@fairway/client';
import {
  SelfSubjectAccessReview,
  type SubjectAccessReviewStatus,
} from '@fairway/kinds/authorization/v1';
import type { RequestTarget } from '@fairway/protocol';

/** Asks the server whether the caller may do something. */
export async function askAccess(
  client: Client,
  target: RequestTarget,
  signal: AbortSignal,
): Promise<SubjectAccessReviewStatus | undefined> {
  const spec = target.isResource
    ? {
        resourceAttributes: {
          namespace: target.namespace,
          verb: target.verb,
          group: target.group,
          resource: target.plural,
          subresource: target.subresource,
          name: target.name,
        },
      }
    : { nonResourceAttributes: { verb: target.verb, path: target.path } };
  return (await client.create(SelfSubjectAccessReview, { spec }, { signal })).status;
}
