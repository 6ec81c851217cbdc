import type { Policy } from './namespace-policy.ts';

/** What holds for namespaces without labels, and who is not held to anything. */
export interface PodSecurityConfiguration {
  readonly defaults: Policy;
  readonly exemptions: {
    readonly usernames: readonly string[];
    readonly runtimeClasses: readonly string[];
    readonly namespaces: readonly string[];
  };
}

const free = { level: 'privileged', version: 'latest' } as const;

export const defaultPodSecurity: PodSecurityConfiguration = {
  defaults: { enforce: free, audit: free, warn: free },
  exemptions: { usernames: [], runtimeClasses: [], namespaces: [] },
};
