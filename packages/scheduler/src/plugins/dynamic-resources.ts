import { type Plugin, refusePod } from './plugin.ts';

/** Says of a pod that claims devices that nobody here gives it any: it would wait without a word. */
export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  filter: ({ hasResourceClaims }) =>
    hasResourceClaims
      ? refusePod('this scheduler allocates no devices, and the pod has resource claims')
      : undefined,
};
