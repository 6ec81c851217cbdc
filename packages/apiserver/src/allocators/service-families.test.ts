import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '@fairway/protocol';
import { settleFamilies } from './service-families.ts';

type Spec = Parameters<typeof settleFamilies>[0];

function settled(given: Partial<Spec>, stored?: Spec): unknown {
  const spec: Spec = { selector: { a: 'b' }, ...given };
  const errors = settleFamilies(spec, { family: 'IPv4', stored });
  if (errors.length === 0) return `${spec.ipFamilyPolicy} ${spec.ipFamilies?.join()}`;
  return errors.map(fieldErrorText);
}

const headless = { clusterIP: 'None', clusterIPs: ['None'] };
const both: Spec['ipFamilies'] = ['IPv4', 'IPv6'];

const answers: readonly (readonly [string, Partial<Spec>, unknown])[] = [
  ['nothing said', {}, 'SingleStack IPv4'],
  ['both if there are', { ipFamilyPolicy: 'PreferDualStack' }, 'PreferDualStack IPv4'],
  [
    'both at any rate',
    { ipFamilyPolicy: 'RequireDualStack' },
    [
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
  ],
  [
    'the other family',
    { ipFamilies: ['IPv6'] },
    ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
  ],
  [
    'two families for a policy of one',
    { ipFamilies: both },
    [
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`,
    ],
  ],
  [
    'an address of the other family',
    { clusterIPs: ['10.0.0.1', 'fd00::1'], ipFamilyPolicy: 'PreferDualStack' },
    [
      'spec.clusterIPs[1]: Invalid value: ["10.0.0.1","fd00::1"]: IPv6 is not configured on this cluster',
    ],
  ],
  [
    'two addresses for a policy of one',
    { clusterIPs: ['10.0.0.1', 'fd00::1'], ipFamilies: both },
    [
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified`,
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`,
    ],
  ],
  ['headless with a selector', headless, 'SingleStack IPv4'],
  [
    'headless of the other family',
    { ...headless, ipFamilies: ['IPv6'] },
    ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
  ],
  ['headless without a selector', { ...headless, selector: {} }, 'RequireDualStack IPv4,IPv6'],
  [
    'headless without a selector, the other family first',
    { ...headless, selector: {}, ipFamilies: ['IPv6'] },
    'RequireDualStack IPv6,IPv4',
  ],
  [
    'headless without a selector, one family',
    { ...headless, selector: {}, ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] },
    'SingleStack IPv6',
  ],
];

for (const [name, given, expected] of answers) {
  test(`settleFamilies() answers ${name}`, () => deepEqual(settled(given), expected));
}

test('settleFamilies() lets be what is as it was stored', () => {
  const given: Spec = { ipFamilyPolicy: 'RequireDualStack', ipFamilies: both };
  deepEqual(settled(given, given), 'RequireDualStack IPv4,IPv6');
});
