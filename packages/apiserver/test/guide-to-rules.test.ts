import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { startTestServer } from '@fairway/apiserver/testing';

const guide = readFileSync(new URL('../../../docs/guides/rules.md', import.meta.url), 'utf8');
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const apps = '/apis/example.com/v1/namespaces/default/webapps';

suite('docs/guides/rules.md', () => {
  test('its definition is taken, and its rules say what it shows', async () => {
    await using server = await startTestServer();
    const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(guide) ?? [];
    const headers = { 'content-type': 'application/yaml' };
    await server.expect(201, 'POST', definitions, { body: yaml, headers });
    await settle();
    const app = (spec: object): object => ({
      apiVersion: 'example.com/v1',
      kind: 'WebApp',
      metadata: { name: 'shop' },
      spec,
    });
    const body = app({ replicas: 9, maxReplicas: 3 });
    const { json } = await server.expect(422, 'POST', apps, { body });
    const [shown] = /spec\.replicas: Invalid value: at most \d replicas/.exec(guide) ?? [];
    assert.equal(json['message'], `WebApp.example.com "shop" is invalid: ${shown}`);
    await server.expect(201, 'POST', apps, { body: app({ replicas: 1, host: 'a.example.com' }) });
    const moved = await server.expect(422, 'PATCH', `${apps}/shop`, {
      body: { spec: { host: 'b.example.com' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    assert.match(moved.json['message'], /the host of an app cannot be changed/);
  });

  test('the policy that it applies is refused in the words that it shows', async () => {
    await using server = await startTestServer();
    const [, policy = ''] =
      /<<< '(\{"apiVersion":"admissionregistration[^]*?)'\n/.exec(guide) ?? [];
    const path = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
    const { json } = await server.expect(422, 'POST', path, { body: JSON.parse(policy) });
    const [, shown = ''] =
      /The ValidatingAdmissionPolicy "few" is invalid: ([^`]*)\n/.exec(guide) ?? [];
    assert.ok(json['message'].endsWith(shown.replaceAll('\n', ' ')), json['message']);
  });

  test('a list without maxItems makes a rule cost too much', async () => {
    await using server = await startTestServer();
    const hosts = {
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-validations': [{ rule: 'self.all(a, self.exists_one(b, a == b))' }],
    };
    const schema = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { hosts } } },
    };
    const body = {
      metadata: { name: 'webapps.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'webapps', kind: 'WebApp' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } },
        ],
      },
    };
    const { json } = await server.expect(422, 'POST', definitions, { body });
    const shown = /^spec\.validation.*\nestimated.*adding maxItems, /m.exec(guide)?.[0] ?? '';
    assert.ok(shown !== '' && json['message'].includes(shown.replace('\n', ' ')), json['message']);
  });
});
