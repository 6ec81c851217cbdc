import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '@fairway/kinds/core/v1';
import type { NetworkPolicy, NetworkPolicySpec } from '@fairway/kinds/networking/v1';
import { type Direction, policyPlan } from './policy-plan.ts';
import { policyPodOf } from './policy-pod.ts';

const namespaces: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  default: { 'kubernetes.io/metadata.name': 'default' },
  prod: { 'kubernetes.io/metadata.name': 'prod', purpose: 'production' },
  ops: { 'kubernetes.io/metadata.name': 'ops', team: 'operations' },
};

/** `default/web`, with its labels, address and node. */
function pod(
  place: string,
  labels: Readonly<Record<string, string>>,
  {
    ip = '',
    node = 'here',
    ...more
  }: { ip?: string; node?: string; spec?: Pod['spec']; phase?: string },
): Pod {
  const [namespace = '', name = ''] = place.split('/');
  return {
    metadata: { namespace, name, labels },
    spec: { nodeName: node, containers: [], ...more.spec },
    status: { phase: (more.phase ?? 'Running') as 'Running', podIPs: [{ ip }] },
  };
}

const http = { name: 'main', ports: [{ name: 'http', containerPort: 8080 }] };
const cluster: readonly Pod[] = [
  pod('default/web', { app: 'web' }, { ip: '10.244.0.1', spec: { containers: [http] } }),
  pod('default/api', { app: 'api', role: 'monitoring' }, { ip: '10.244.0.2' }),
  pod('default/far', { app: 'web' }, { ip: '10.244.1.3', node: 'there' }),
  pod('prod/shop', { app: 'web' }, { ip: '10.244.0.4' }),
  pod('ops/monitor', { type: 'monitoring' }, { ip: '10.244.0.5' }),
  pod('ops/other', {}, { ip: '10.244.0.6' }),
  pod(
    'default/host',
    { app: 'web' },
    { ip: '192.0.2.1', spec: { hostNetwork: true, containers: [] } },
  ),
  pod('default/over', { app: 'web' }, { ip: '10.244.0.8', phase: 'Succeeded' }),
];

/** Who may reach a pod of `here` in a direction, and where, as `from -> ports`; undefined: it is not isolated. */
function openFor(
  place: string,
  specs: readonly NetworkPolicySpec[],
  direction: Direction = 'ingress',
): readonly string[] | undefined {
  const policies = specs.map((spec, index): NetworkPolicy => ({
    metadata: { namespace: 'default', name: `p${index}` },
    spec,
  }));
  const pods = cluster.flatMap((each) => policyPodOf(each) ?? []);
  const labelsOf = (name: string) => namespaces[name];
  const plan = policyPlan(policies, { nodeName: 'here', pods, labelsOf });
  const isolated = plan.isolated.find(
    (each) => `${each.pod.namespace}/${each.pod.name}` === place && each.direction === direction,
  );
  if (isolated === undefined) return undefined;
  const those = plan.policies.filter(
    (each) => each.direction === direction && isolated.policies.includes(each.name),
  );
  return those.flatMap(({ allowed }) =>
    allowed.map(({ peers, ports }) => {
      const range = ({ first, last }: { first: number; last: number }): string =>
        first === last ? `${first}` : `${first}-${last}`;
      const from =
        peers === undefined
          ? 'all'
          : [
              ...(peers.pods?.addresses ?? []),
              ...peers.blocks.map(({ first, last }) => `${first}-${last}`),
            ].join();
      const to = ports?.map(({ protocol, ranges, named }) =>
        [protocol, ranges?.map(range).join() ?? 'all', ...(named?.pods ?? [])].join(' '),
      );
      return `${from} -> ${to?.join() ?? 'all'}`;
    }),
  );
}

const all = { podSelector: {} };
const web = { podSelector: { matchLabels: { app: 'web' } } };

test('recipes of the documentation', async (t) => {
  const recipes: Readonly<
    Record<string, readonly [NetworkPolicySpec, readonly string[] | undefined, Direction?]>
  > = {
    'no policy of this pod': [{ podSelector: { matchLabels: { app: 'none' } } }, undefined],
    'default deny all ingress': [{ ...all, policyTypes: ['Ingress'] }, []],
    '… leaves egress': [{ ...all, policyTypes: ['Ingress'] }, undefined, 'egress'],
    'allow all ingress': [{ ...all, ingress: [{}] }, ['all -> all']],
    'default deny all egress': [{ ...all, policyTypes: ['Egress'] }, [], 'egress'],
    '… leaves ingress': [{ ...all, policyTypes: ['Egress'] }, undefined],
    'allow all egress': [{ ...all, egress: [{}] }, ['all -> all'], 'egress'],
    'rules of egress alone close ingress too': [{ ...all, egress: [{}] }, []],
    'from pods of the namespace': [
      { ...web, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'api' } } }] }] },
      ['10.244.0.2 -> all'],
    ],
    'from every pod of the namespace, on a port': [
      {
        ...web,
        ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80, protocol: 'TCP' }] }],
      },
      ['10.244.0.1,10.244.0.2,10.244.1.3 -> TCP 80'],
    ],
    'from a namespace': [
      {
        ...web,
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { purpose: 'production' } } }] }],
      },
      ['10.244.0.4 -> all'],
    ],
    'from all namespaces': [
      { ...web, ingress: [{ from: [{ namespaceSelector: {} }] }] },
      ['10.244.0.1,10.244.0.2,10.244.0.4,10.244.0.5,10.244.0.6,10.244.1.3 -> all'],
    ],
    'from some pods of a namespace': [
      {
        ...web,
        ingress: [
          {
            from: [
              {
                namespaceSelector: { matchLabels: { team: 'operations' } },
                podSelector: { matchLabels: { type: 'monitoring' } },
              },
            ],
          },
        ],
      },
      ['10.244.0.5 -> all'],
    ],
    'from pods or a namespace': [
      {
        ...web,
        ingress: [
          {
            from: [
              { namespaceSelector: { matchLabels: { purpose: 'production' } } },
              { podSelector: { matchLabels: { role: 'monitoring' } } },
            ],
          },
        ],
      },
      ['10.244.0.2,10.244.0.4 -> all'],
    ],
    'from outside': [
      {
        ...web,
        ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/30', except: ['0.0.0.1/32'] } }] }],
      },
      ['0-0,2-3 -> all'],
    ],
    'a range of ports, and every port of a protocol': [
      {
        ...web,
        ingress: [
          {
            ports: [
              { port: 3200, endPort: 3268 },
              { port: 3260, endPort: 4000 },
              { protocol: 'UDP' },
            ],
          },
        ],
      },
      ['all -> TCP 3200-4000,UDP all'],
    ],
    'a port by its name': [
      { ...web, ingress: [{ ports: [{ port: 'http' }] }] },
      ['all -> TCP 8080 10.244.0.1'],
    ],
    'a name that no pod has, of another protocol': [
      { ...web, ingress: [{ ports: [{ port: 'http', protocol: 'UDP' }] }] },
      ['all -> '],
    ],
    'peers that are nobody': [
      { ...web, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'none' } } }] }] },
      [' -> all'],
    ],
  };
  for (const [name, [spec, expected, direction]] of Object.entries(recipes)) {
    await t.test(name, () => assert.deepEqual(openFor('default/web', [spec], direction), expected));
  }
});

test('policies add to each other', () => {
  const fromApi = {
    ...web,
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'api' } } }] }],
  };
  const toPort = { ...web, ingress: [{ ports: [{ port: 80 }] }] };
  assert.deepEqual(openFor('default/web', [{ ...all }, fromApi, toPort]), [
    '10.244.0.2 -> all',
    'all -> TCP 80',
  ]);
});

test('only pods of this node are isolated, and none that has the address of its node or has ended', () => {
  const deny = [{ ...all, policyTypes: ['Ingress'] as const }];
  for (const place of ['default/far', 'default/host', 'default/over', 'prod/shop']) {
    assert.equal(openFor(place, deny), undefined, place);
  }
});

test('a selector that cannot be read selects nobody, and numbers that are no ports are none', () => {
  const key = 'a\nb';
  const matchExpressions = [{ key, operator: 'In' as const, values: ['x'] }];
  assert.deepEqual(
    openFor('default/web', [
      { ...web, ingress: [{ from: [{ podSelector: { matchExpressions } }] }] },
    ]),
    [' -> all'],
  );
  const ports = [{ port: 70_000 }, { port: -1 }, { port: 9, endPort: 3 }, { port: 0.5 }];
  assert.deepEqual(openFor('default/web', [{ ...web, ingress: [{ ports }] }]), ['all -> ']);
});
