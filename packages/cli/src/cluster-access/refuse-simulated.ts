import { apiError } from '@fairway/protocol';

/** Errors: `ApiError` NotImplemented for a node whose pods are pretended, which leads to no program. */
export function refuseSimulated(at: {
  readonly node: string;
  readonly containerRuntime: string;
}): void {
  if (!at.containerRuntime.startsWith('simulated:')) return;
  const why = 'its pods run no programs; see docs/guides/simulated-nodes.md';
  throw apiError('NotImplemented', `node "${at.node}" is simulated: ${why}`);
}
