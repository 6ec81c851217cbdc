import { deepEqual, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '@fairway/kinds/admissionregistration/v1';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { ValidateRequest } from '../admission-plugin.ts';
import type { PolicyParts } from './policy-parts.ts';
import { PolicyValidator } from './validate-by-policies.ts';

const configMaps = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  subresources: new Map(),
  storage: { prefix: '/registry/configmaps/' },
} as unknown as ServedResource;

const parts = {
  registry: { version: 1, storedAs: () => [configMaps] },
  cluster: { find: async () => ({ metadata: { name: 'a' } }) },
  authorizer: () => ({ kind: 'noOpinion', reason: '' }),
} as unknown as PolicyParts;

const everything = {
  resourceRules: [
    { apiGroups: ['*'], apiVersions: ['*'], operations: ['*' as const], resources: ['*'] },
  ],
};

/** What the audit log is told when these policies are asked about a config map. */
async function notesOf(
  bound: readonly (readonly [ValidatingAdmissionPolicy['spec'], readonly string[]])[],
): Promise<Readonly<Record<string, string>>> {
  const notes: Record<string, string> = {};
  const request = {
    operation: 'CREATE',
    resource: configMaps,
    subresource: '',
    namespace: 'a',
    name: 'c',
    user: { username: 'ann', groups: [] },
    options: {},
    object: { metadata: { name: 'c' }, data: { k: ' v ' } },
    warn: () => undefined,
    annotate: (key: string, value: string) => void (notes[key] = value),
  } as unknown as ValidateRequest<object>;
  const policies = bound.map(([spec, actions], index) => {
    const policyName = `p${index}`;
    const policy: ValidatingAdmissionPolicy = {
      metadata: { name: policyName },
      spec: { matchConstraints: everything, ...spec },
    };
    const binding = {
      metadata: { name: `b${index}` },
      spec: { policyName, validationActions: actions },
    } as ValidatingAdmissionPolicyBinding;
    return { policy, bindings: [binding, { ...binding, metadata: { name: `c${index}` } }] };
  });
  await new PolicyValidator(parts).validate(policies, request);
  return notes;
}

test('the audit log is told the first failure, and what expressions for it come to', async () => {
  const no = { validations: [{ expression: 'true' }, { expression: 'false', message: 'no' }] };
  const failure =
    '[{"message":"no","policy":"p0","binding":"b0","expressionIndex":1,"validationActions":["Audit"]}]';
  deepEqual(
    await notesOf([
      [no, ['Audit']],
      [no, ['Audit']],
    ]),
    {
      'validation.policy.admission.k8s.io/validation_failure': failure,
    },
  );
  const auditAnnotations = [
    { key: 'who', valueExpression: "'by ' + request.userInfo.username" },
    { key: 'trimmed', valueExpression: 'string(object.data.k)' },
    { key: 'nothing', valueExpression: 'null' },
    { key: 'blank', valueExpression: "'  '" },
    { key: 'long', valueExpression: `'${'x'.repeat(11_000)}'` },
  ];
  deepEqual(await notesOf([[{ auditAnnotations }, ['Deny']]]), {
    'p0/who': 'by ann',
    'p0/trimmed': 'v',
    'p0/long': 'x'.repeat(10_240),
  });
});

test('a message that an expression makes counts only up to five KiB', async () => {
  const messageOf = async (characters: number): Promise<string> => {
    const messageExpression = `'${'x'.repeat(characters)}'`;
    const validations = [{ expression: 'false', message: 'written', messageExpression }];
    const notes = await notesOf([[{ validations }, ['Audit']]]);
    const [failure] = JSON.parse(
      notes['validation.policy.admission.k8s.io/validation_failure'] ?? '[]',
    ) as readonly { readonly message: string }[];
    return failure?.message ?? '';
  };
  deepEqual(await messageOf(5_120), 'x'.repeat(5_120));
  deepEqual(await messageOf(5_121), 'written');
});

test('an annotation without a value is against the request, unless failures are ignored', async () => {
  const auditAnnotations = [{ key: 'k', valueExpression: 'string(object.data.absent)' }];
  await rejects(notesOf([[{ auditAnnotations }, ['Warn']]]), {
    message:
      "configmaps \"c\" is forbidden: ValidatingAdmissionPolicy 'p0' with binding 'b0' denied request: expression 'string(object.data.absent)' resulted in error: no such key: absent",
  });
  deepEqual(await notesOf([[{ auditAnnotations, failurePolicy: 'Ignore' }, ['Deny']]]), {});
});
