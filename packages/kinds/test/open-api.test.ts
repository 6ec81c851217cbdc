import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBuiltInOpenApi } from '@fairway/kinds/open-api';
import { builtInDefinitions } from '@fairway/kinds/schema';

test('openBuiltInOpenApi() gives definitions back with their words', () => {
  const { definitions } = openBuiltInOpenApi();
  assert.deepEqual([...definitions.keys()], [...builtInDefinitions().keys()]);
  const selector = definitions.get('io.k8s.api.core.v1.ConfigMapKeySelector');
  assert.equal(selector?.['description'], 'Selects a key from a ConfigMap.');
  const { key } = selector['properties'] as Record<string, object>;
  assert.deepEqual(key, { description: 'The key to select.', type: 'string', default: '' });
});

test('openBuiltInOpenApi() gives every document of a server, with what is in it', () => {
  const openApi = openBuiltInOpenApi();
  for (const each of ['.well-known/openid-configuration', 'api', 'apis/apps', 'version'])
    assert.ok(openApi.documents.includes(each), each);
  const { get } = (openApi.paths('version')?.['/version/'] ?? {}) as Record<string, object>;
  assert.equal((get as Record<string, unknown>)['operationId'], 'getCodeVersion');
  assert.equal(openApi.paths('apis/example.com/v1'), undefined);
});

test('openBuiltInOpenApi() knows for which kinds DeleteOptions stands', () => {
  const { kindsOfEveryGroup } = openBuiltInOpenApi();
  const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
  const groups = new Set(kindsOfEveryGroup(`${meta}.DeleteOptions`)?.map(({ group }) => group));
  assert.ok(groups.has('') && groups.has('apps') && groups.has('policy'));
  assert.equal(kindsOfEveryGroup(`${meta}.ObjectMeta`), undefined);
});
