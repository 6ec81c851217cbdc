import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

/** Which modules of the expression language are loaded before and after a definition has rules. */
const program = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({
    load(url, context, next) {
      // Patterns of schemas are no rules.
      if (/\\/packages\\/cel\\/(?!src\\/patterns)/.test(url)) loaded.push(url);
      return next(url, context);
    },
  });
  const { startTestServer } = await import('@fairway/apiserver/testing');
  await using server = await startTestServer();
  const define = (validations) => ({
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: {
        type: 'object', properties: { spec: { type: 'object', ...validations } },
      } } }],
    },
  });
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All';
  await server.expect(201, 'POST', path, { body: define({}) });
  const before = loaded.length;
  const rules = { 'x-kubernetes-validations': [{ rule: 'size(self) > 0 || true' }] };
  await server.request('POST', path, { body: define(rules) });
  console.log(JSON.stringify({ before, after: loaded.length }));
`;

test('the expression language is loaded with the first definition that has rules', () => {
  const args = ['--conditions=@fairway/source', '--input-type=module', '--eval', program];
  const output = execFileSync(process.execPath, args, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  const { before, after } = JSON.parse(output) as Record<'before' | 'after', number>;
  assert.equal(before, 0);
  assert.ok(after > 30, `${after} modules`);
});
