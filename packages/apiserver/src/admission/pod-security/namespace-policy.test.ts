import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modes, readPolicy, textOf } from './namespace-policy.ts';
import { defaultPodSecurity } from './pod-security-configuration.ts';

const { defaults } = defaultPodSecurity;

function read(labels: Readonly<Record<string, string>>, byDefault = defaults) {
  const prefixed = Object.entries(labels).map(([name, value]) => [
    `pod-security.kubernetes.io/${name}`,
    value,
  ]);
  const { policy, errors } = readPolicy(Object.fromEntries(prefixed), byDefault);
  const texts = modes.map((mode) => textOf(policy[mode])).join(' ');
  return { texts, fields: errors.map(({ field }) => field) };
}

test('readPolicy() reads levels and versions of each mode, and has defaults', () => {
  assert.equal(read({}).texts, 'privileged:latest privileged:latest privileged:latest');
  assert.equal(
    read({ enforce: 'baseline', audit: 'restricted', 'audit-version': 'v1.3', warn: 'privileged' })
      .texts,
    'baseline:latest restricted:v1.3 privileged:latest',
  );
  const strict = { ...defaults, enforce: { level: 'restricted', version: 'v1.30' } } as const;
  assert.equal(
    read({ 'enforce-version': 'latest' }, strict).texts,
    'restricted:latest privileged:latest privileged:latest',
  );
});

test('readPolicy() warns of what is enforced, unless a label says otherwise', () => {
  assert.equal(
    read({ enforce: 'baseline', 'enforce-version': 'v1.30' }).texts,
    'baseline:v1.30 privileged:latest baseline:v1.30',
  );
  assert.equal(
    read({ enforce: 'baseline', 'enforce-version': 'v1.30', 'warn-version': 'v1.29' }).texts,
    'baseline:v1.30 privileged:latest baseline:v1.29',
  );
  const warned = { ...defaults, warn: { level: 'restricted', version: 'latest' } } as const;
  assert.equal(
    read({ enforce: 'baseline' }, warned).texts,
    'baseline:latest privileged:latest restricted:latest',
  );
});

test('readPolicy() enforces the most where a label means nothing, and neither audits nor warns', () => {
  const { texts, fields } = read({
    enforce: 'Baseline',
    'enforce-version': 'v1.01',
    audit: '',
    'audit-version': 'v2.0',
    warn: 'all',
    'warn-version': '1.2',
  });
  assert.equal(texts, 'restricted:latest privileged:latest privileged:latest');
  assert.deepEqual(
    fields.map((field) => field.replace(/.*\/(.*)\]/, '$1')),
    ['enforce', 'enforce-version', 'audit', 'audit-version', 'warn', 'warn-version'],
  );
});
