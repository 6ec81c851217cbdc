import { FieldReader, fieldErrorText, isJsonObject } from '@fairway/protocol';
import type { EventLimit } from '../event-rate-limit.ts';
import type { PodNodeSelectors } from '../pod-node-selector.ts';
import type { PodSecurityConfiguration } from '../pod-security/pod-security-configuration.ts';
import type { PodTolerations } from '../pod-toleration-restriction.ts';
import type { LimitedResource } from '../resource-quota/limited-resources.ts';
import { readEventLimits } from './event-limits.ts';
import { readLimitedResources } from './limited-resources.ts';
import { readNodeSelectors } from './node-selectors.ts';
import { readPodSecurity } from './pod-security.ts';
import { readTolerations } from './tolerations.ts';

/** What admission plugins are told beside what is in the cluster, by their names. */
export interface AdmissionConfigurations {
  readonly EventRateLimit?: readonly EventLimit[];
  readonly PodNodeSelector?: PodNodeSelectors;
  readonly PodSecurity?: PodSecurityConfiguration;
  readonly PodTolerationRestriction?: PodTolerations;
  readonly ResourceQuota?: readonly LimitedResource[];
}

interface Format<Value> {
  /** `apiVersion` and `kind` that it may have; absent: it has none. */
  readonly apiVersions?: readonly string[];
  readonly kind?: string;
  readonly read: (reader: FieldReader, document: unknown) => Value;
}

type Formats = {
  readonly [Name in keyof AdmissionConfigurations]-?: Format<AdmissionConfigurations[Name]>;
};

const podSecurityGroup = 'pod-security.admission.config.k8s.io';

const formats: Formats = {
  EventRateLimit: {
    apiVersions: ['eventratelimit.admission.k8s.io/v1alpha1'],
    kind: 'Configuration',
    read: readEventLimits,
  },
  PodNodeSelector: { read: readNodeSelectors },
  PodSecurity: {
    apiVersions: ['v1', 'v1beta1', 'v1alpha1'].map((version) => `${podSecurityGroup}/${version}`),
    kind: 'PodSecurityConfiguration',
    read: readPodSecurity,
  },
  PodTolerationRestriction: {
    apiVersions: ['podtolerationrestriction.admission.k8s.io/v1alpha1'],
    kind: 'Configuration',
    read: readTolerations,
  },
  ResourceQuota: {
    apiVersions: ['apiserver.config.k8s.io/v1'],
    kind: 'ResourceQuotaConfiguration',
    read: readLimitedResources,
  },
};

/**
 * Reads what one plugin is told.
 *
 * Errors: `RangeError` with all that is wrong, or that the plugin takes nothing here.
 */
export function readAdmissionConfiguration(
  name: string,
  document: unknown,
): AdmissionConfigurations {
  if (!isConfigurable(name)) {
    const others = Object.keys(formats).join(', ');
    throw new RangeError(`${name} takes no configuration in Fairway, only ${others} do`);
  }
  const { apiVersions, kind, read } = formats[name];
  if (apiVersions !== undefined && !isOf(document, apiVersions, kind)) {
    const wanted = `apiVersion ${apiVersions.join(' or ')} and kind ${kind}`;
    throw new RangeError(`the configuration of ${name} has not ${wanted}`);
  }
  const reader = new FieldReader();
  const value = read(reader, document);
  if (reader.problems.length === 0) return { [name]: value };
  const problems = reader.problems.map(fieldErrorText);
  throw new RangeError(`the configuration of ${name} cannot be used: ${problems.join('; ')}`);
}

function isConfigurable(name: string): name is keyof Formats {
  return Object.hasOwn(formats, name);
}

function isOf(
  document: unknown,
  apiVersions: readonly string[],
  kind: string | undefined,
): boolean {
  if (!isJsonObject(document)) return false;
  return apiVersions.some((each) => each === document['apiVersion']) && document['kind'] === kind;
}
