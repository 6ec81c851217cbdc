import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBuiltInOpenApi } from '@fairway/kinds/open-api';
import { allKindRules } from '@fairway/kind-rules';

interface Operation {
  readonly responses: Readonly<
    Record<string, { content: Record<string, { schema: { $ref: string } }> }>
  >;
}

test('a deletion answers with what the documents say: a Status, or the object', () => {
  const openApi = openBuiltInOpenApi();
  const said = new Map<string, boolean>();
  for (const document of openApi.documents) {
    for (const [path, methods] of Object.entries(openApi.paths(document) ?? {})) {
      const plural = /\/([a-z]+)\/\{name\}$/.exec(path)?.[1];
      const operation = methods['delete'] as Operation | undefined;
      if (plural === undefined || operation === undefined) continue;
      const [, group = ''] = /^\/apis\/([^/]+)/.exec(path) ?? [];
      const schema = operation.responses['200']?.content['application/json']?.schema.$ref;
      said.set(`${group}/${plural}`, schema?.endsWith('.Status') === false);
    }
  }
  assert.ok(said.size > 50);
  for (const [resource, answersObject] of said) {
    const { deletion } = allKindRules.get(resource) ?? {};
    assert.equal(deletion?.answersObject === true, answersObject, resource);
  }
});
