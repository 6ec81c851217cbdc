import { type KubernetesObject, forbidden } from '@fairway/protocol';
import type { AdmitRequest } from './admission-plugin.ts';

/** A write by a node. */
export interface NodeWrite extends AdmitRequest<KubernetesObject> {
  readonly node: string;
}

/** Answers Forbidden about the object of a request, to be thrown. */
export function refuseNode(request: AdmitRequest<KubernetesObject>, why: string): Error {
  const name = request.name || (request.draft?.metadata?.name ?? '');
  return forbidden({ ...request.resource, name }, why);
}
