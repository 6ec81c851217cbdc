import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '@fairway/protocol';
import { type Changes, goldenObject, withChanges } from './golden-objects.ts';
import { validateObjectMeta } from '../src/metadata/validate-object-meta.ts';

interface Bound {
  readonly golden: string;
  readonly most: number;
  /** The changes that give a complete object so many of what is bounded. */
  readonly changes: (count: number) => Changes;
  /** What is said of one too many. */
  readonly refused: string;
}

const bounds: Readonly<Record<string, Bound>> = {
  'bytes of annotations': {
    golden: 'configmap',
    most: 256 * 1024,
    changes: (count) => ({ 'metadata.annotations': { a: 'x'.repeat(count - 1) } }),
    refused: 'metadata.annotations: Too long: may not be more than 262144 bytes',
  },
  'bytes of a config map': {
    golden: 'configmap',
    most: 1024 * 1024,
    changes: (count) => ({ data: { a: 'x'.repeat(count) } }),
    refused: '[]: Too long: may not be more than 1048576 bytes',
  },
  'bytes of a secret': {
    golden: 'secret',
    most: 1024 * 1024,
    changes: (count) => ({ data: { a: Buffer.alloc(count).toString('base64') } }),
    refused: 'data: Too long: may not be more than 1048576 bytes',
  },
  'parameters of a storage class': {
    golden: 'storageclass',
    most: 512,
    changes: (count) => ({ parameters: Object.fromEntries(numbers(count).map((n) => [n, ''])) }),
    refused: 'parameters: Too long: may not be more than 512 bytes',
  },
  'bytes of the parameters of a storage class': {
    golden: 'storageclass',
    most: 256 * 1024,
    changes: (count) => ({ parameters: { a: 'x'.repeat(count - 1) } }),
    refused: 'parameters: Too long: may not be more than 262144 bytes',
  },
  'endpoints of a slice': {
    golden: 'endpointslice',
    most: 1000,
    changes: (count) => ({ endpoints: numbers(count).map(() => ({ addresses: ['10.0.0.1'] })) }),
    refused: 'endpoints: Too many: 1001: must have at most 1000 items',
  },
  'addresses of an endpoint': {
    golden: 'endpointslice',
    most: 100,
    changes: (count) => ({ 'endpoints.0.addresses': numbers(count).map((n) => `10.0.0.${n}`) }),
    refused: 'endpoints[0].addresses: Too many: 101: must have at most 100 items',
  },
  'ports of a slice': {
    golden: 'endpointslice',
    most: 20_000,
    changes: (count) => ({ ports: numbers(count).map((n) => ({ name: `p${n}`, port: n })) }),
    refused: 'ports: Too many: 20001: must have at most 20000 items',
  },
  'rules of a failure policy': {
    golden: 'job',
    most: 20,
    changes: (count) => ({
      'spec.podFailurePolicy': {
        rules: numbers(count).map(() => ({
          action: 'Count',
          onExitCodes: { operator: 'In', values: [1] },
        })),
      },
      'spec.podReplacementPolicy': 'Failed',
      'spec.template.spec.restartPolicy': 'Never',
    }),
    refused: 'spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items',
  },
  'rules of a success policy': {
    golden: 'job',
    most: 20,
    changes: (count) => ({
      'spec.completionMode': 'Indexed',
      'spec.successPolicy': { rules: numbers(count).map(() => ({ succeededCount: 1 })) },
    }),
    refused: 'spec.successPolicy.rules: Too many: 21: must have at most 20 items',
  },
  'pods at once of an indexed job': {
    golden: 'job',
    most: 100_000,
    changes: (count) => ({ 'spec.completionMode': 'Indexed', 'spec.parallelism': count }),
    refused:
      'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
  },
  'characters of the name of a cron job': {
    golden: 'cronjob',
    most: 52,
    changes: (count) => ({ 'metadata.name': 'x'.repeat(count) }),
    refused: `metadata.name: Invalid value: "${'x'.repeat(53)}": must be no more than 52 characters`,
  },
  'name servers of a pod': {
    golden: 'pod',
    most: 3,
    changes: (count) => ({
      'spec.dnsConfig': { nameservers: numbers(count).map((n) => `10.0.0.${n}`) },
    }),
    refused:
      'spec.dnsConfig.nameservers: Invalid value: ["10.0.0.1","10.0.0.2","10.0.0.3","10.0.0.4"]: must not have more than 3 nameservers',
  },
  'search paths of a pod': {
    golden: 'pod',
    most: 32,
    changes: (count) => ({ 'spec.dnsConfig': { searches: numbers(count).map(() => 'a') } }),
    refused: `spec.dnsConfig.searches: Invalid value: ${JSON.stringify(numbers(33).map(() => 'a'))}: must not have more than 32 search paths`,
  },
  'characters of the search paths of a pod': {
    golden: 'pod',
    most: 2048,
    changes: (count) => ({ 'spec.dnsConfig': { searches: searchesOf(count) } }),
    refused: `spec.dnsConfig.searches: Invalid value: ${JSON.stringify(searchesOf(2049))}: must not have more than 2048 characters (including spaces) in the search list`,
  },
  'bytes of the path of an AppArmor profile': {
    golden: 'pod',
    most: 4_095,
    changes: (count) => ({
      'spec.securityContext.appArmorProfile': {
        type: 'Localhost',
        localhostProfile: 'é'.repeat(Math.floor(count / 2)) + 'x'.repeat(count % 2),
      },
    }),
    refused:
      'spec.securityContext.appArmorProfile.localhostProfile: Too long: may not be more than 4095 bytes',
  },
  'number of a user': {
    golden: 'pod',
    most: 2 ** 31 - 1,
    changes: (count) => ({ 'spec.securityContext': { runAsUser: count } }),
    refused:
      'spec.securityContext.runAsUser: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
  },
  'characters of the reason of an event with a time': {
    golden: 'event',
    most: 128,
    changes: (count) => ({
      action: 'a',
      eventTime: '2026-11-22T12:00:00.000000Z',
      reason: 'x'.repeat(count),
      reportingComponent: 'a',
      reportingInstance: 'a',
    }),
    refused: 'reason: Invalid value: "": can have at most 128 characters',
  },
  'seconds of the window of an autoscaler': {
    golden: 'hpa-v2',
    most: 3600,
    changes: (count) => ({
      'spec.behavior': { scaleUp: { stabilizationWindowSeconds: count } },
    }),
    refused:
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
  },
  'seconds of the period of an autoscaler': {
    golden: 'hpa-v2',
    most: 1800,
    changes: (count) => ({
      'spec.behavior': {
        scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: count }] },
      },
    }),
    refused:
      'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
  },
  'seconds of a webhook': {
    golden: 'validatingwebhook',
    most: 30,
    changes: (count) => ({ 'webhooks.0.timeoutSeconds': count }),
    refused:
      'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
  },
  'seconds that a service remembers a client': {
    golden: 'service-clusterip',
    most: 86400,
    changes: (count) => ({
      'spec.sessionAffinity': 'ClientIP',
      'spec.sessionAffinityConfig': { clientIP: { timeoutSeconds: count } },
    }),
    refused:
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
  },
  'priority of a user': {
    golden: 'priorityclass',
    most: 1_000_000_000,
    changes: (count) => ({ value: count }),
    refused: 'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  },
};

for (const [name, { golden, most, changes, refused }] of Object.entries(bounds)) {
  test(`kind rules bound the ${name}`, async () => {
    deepEqual(await refusedOf(golden, changes(most)), []);
    deepEqual(await refusedOf(golden, changes(most + 1)), [refused]);
  });
}

async function refusedOf(golden: string, changes: Changes): Promise<readonly string[]> {
  const { object, rules } = goldenObject(golden);
  const draft = withChanges(object, changes);
  rules.applyDefaults?.(draft);
  const isNamespaced = draft.metadata?.namespace !== undefined;
  const errors = [
    ...validateObjectMeta(draft, { ...rules, isNamespaced }),
    ...(rules.validate?.(draft) ?? []),
    ...(rules.validateCreate?.(draft) ?? []),
    ...((await rules.validateInTurns?.(draft, undefined, () => undefined)) ?? []),
  ];
  return errors.map(fieldErrorText);
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Domains that make so many characters together, with the spaces between them. */
function searchesOf(characters: number): readonly string[] {
  const label = 'a'.repeat(63);
  const domains = Array.from({ length: 16 }, () => `${label}.${label.slice(1)}`);
  const rest = characters - domains.join(' ').length - 1;
  return [...domains, 'b'.repeat(rest)];
}
