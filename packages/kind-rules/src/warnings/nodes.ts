import type { Node } from '@fairway/kinds/core/v1';

import { networkWarnings } from './addresses.ts';

export function* nodeWarnings({ spec }: Node): Iterable<string> {
  if (spec?.configSource) yield 'spec.configSource: the feature is removed';
  if (spec?.externalID) {
    yield 'spec.externalID: this field is deprecated, and is unused by Kubernetes';
  }
  for (const [index, range] of (spec?.podCIDRs ?? []).entries()) {
    yield* networkWarnings(range, `spec.podCIDRs[${index}]`);
  }
}
