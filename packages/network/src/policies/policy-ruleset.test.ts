import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeScript } from '../nftables/table-script.ts';
import type { NetworkPolicy } from '@fairway/kinds/networking/v1';
import { policyPlan } from './policy-plan.ts';
import type { PolicyPod } from './policy-pod.ts';
import { policyFrame, policyRuleset } from './policy-ruleset.ts';
import type { Ruleset } from '../nftables/ruleset.ts';

const table = { name: 't', frame: policyFrame };

function pod(name: string, address: string): PolicyPod {
  const labels = { app: name };
  return { namespace: 'shop', name, labels, nodeName: 'here', addresses: [address], ports: [] };
}

function rules(spec: NetworkPolicy['spec'], pods: readonly PolicyPod[], name = 'p'): Ruleset {
  const policies = spec === undefined ? [] : [{ metadata: { namespace: 'shop', name }, spec }];
  return policyRuleset(policyPlan(policies, { nodeName: 'here', pods, labelsOf: () => ({}) }));
}

const web = pod('web', '10.244.0.2');
const client = pod('client', '10.244.0.3');
const spec = {
  podSelector: { matchLabels: { app: 'web' } },
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }], ports: [{ port: 80 }] }],
} satisfies NetworkPolicy['spec'];

test('a pod that a policy selects leads to a chain that drops what the policy does not accept', () => {
  const { chains, elements } = rules(spec, [web, client]);
  const [set = ''] = [...elements.keys()].filter((name) => name.startsWith('pods/shop/'));
  assert.deepEqual(Object.fromEntries(chains), {
    'ingress/shop/p': [
      `ct original ip saddr @${set} meta l4proto tcp ct reply proto-src 80 accept`,
    ],
    'entering/shop/web': ['jump ingress/shop/p', 'drop'],
  });
  assert.deepEqual(
    [...(elements.get('entering') ?? [])],
    [['10.244.0.2', 'goto entering/shop/web']],
  );
  assert.deepEqual([...(elements.get(set) ?? [])], [['10.244.0.3', '']]);
});

test('a peer that comes changes the members of a set and no rule', () => {
  const script = changeScript(table, rules(spec, [web]), rules(spec, [web, client]));
  assert.match(script, /^add element ip t pods\/shop\/[0-9a-f]{32} \{ 10\.244\.0\.3 \}\n$/);
});

test('other selectors are another set, so that no rule meets the members of the other one', () => {
  const other = { ...spec, ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 81 }] }] };
  const script = changeScript(table, rules(spec, [web, client]), rules(other, [web, client]));
  assert.doesNotMatch(script, /delete element/);
  assert.match(
    script,
    /add set ip t pods[^]*flush chain ip t ingress\/shop\/p[^]*delete set ip t pods/,
  );
});

test('names that nftables would not take stand there as digests', () => {
  const long = 'x'.repeat(253);
  for (const name of [long, 'a\n}', 'a b', '../..', 'Ä']) {
    const { chains } = rules(spec, [web], name);
    const [chain = ''] = chains.keys();
    assert.match(chain, /^ingress\/by_digest\/[0-9a-f]{32}$/, name);
  }
});
