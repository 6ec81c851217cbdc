import type { MatchResources } from '@fairway/kinds/admissionregistration/v1';
import type { Rule } from '../matching/match-rule.ts';
import { type RequestMatcher, requestMatcher } from '../matching/request-matcher.ts';

/** Which requests a policy or binding is for; a binding that says nothing is for all of its policy. */
export function scopeMatcher(resources: MatchResources | undefined): RequestMatcher {
  const { resourceRules, excludeResourceRules, matchPolicy } = resources ?? {};
  const { namespaceSelector, objectSelector } = resources ?? {};
  const rules = resourceRules as readonly Rule[] | undefined;
  return requestMatcher({
    matchPolicy: matchPolicy === 'Exact' ? 'Exact' : 'Equivalent',
    ...(rules !== undefined && rules.length > 0 && { rules }),
    ...(excludeResourceRules && { excludeRules: excludeResourceRules as readonly Rule[] }),
    ...(namespaceSelector && { namespaceSelector }),
    ...(objectSelector && { objectSelector }),
  });
}
