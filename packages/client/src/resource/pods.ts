import type { ResourceDescriptor } from '@fairway/protocol';

/** Where pods are. */
export const pods: ResourceDescriptor<never> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  isNamespaced: true,
};
