import { type ApiError, badRequest } from '@fairway/protocol';

/** Whether the API server may be led to an address. Source: kube-apiserver, proxies of pods and nodes. */
export { isGlobalAddress as isAllowed } from '@fairway/protocol/nodejs';

/** In the words of Kubernetes. */
export function notAllowed(): ApiError {
  return badRequest('address not allowed');
}
