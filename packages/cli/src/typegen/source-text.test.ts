import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseAst } from 'rolldown/parseAst';
import { generateCustomKinds } from './generate-custom-kinds.ts';
import { identifier, literal } from './source-text.ts';

/** All that a generated module may consist of: none of it does anything. */
const harmless = new Set([
  'Program',
  'ImportDeclaration',
  'ImportSpecifier',
  'ExportNamedDeclaration',
  'TSInterfaceDeclaration',
  'TSInterfaceBody',
  'TSTypeAliasDeclaration',
  'TSPropertySignature',
  'TSIndexSignature',
  'TSTypeAnnotation',
  'TSTypeReference',
  'TSTypeParameterInstantiation',
  'TSTypeLiteral',
  'TSUnionType',
  'TSArrayType',
  // `readonly` before the type of a list.
  'TSTypeOperator',
  'TSTupleType',
  'TSLiteralType',
  'TSNullKeyword',
  'TSStringKeyword',
  'TSNumberKeyword',
  'TSBooleanKeyword',
  'TSUnknownKeyword',
  'TSNeverKeyword',
  'VariableDeclaration',
  'VariableDeclarator',
  'ObjectExpression',
  'Property',
  'Identifier',
  'Literal',
  'UnaryExpression',
]);

const fragments =
  '\' " ` \\ */ // /* ; { } .. / < > = ( ) ${ , __proto__ constructor class string 1 x Widget process.exit(1)'
    .split(' ')
    .concat(['\n', '\r', '\u2028', ' ']);

const hostile = fc
  .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 3 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''));

const schema = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.record({ type: fc.constantFrom('string', 'integer', 'boolean', 'odd') }),
    fc.record({
      enum: fc.array(fc.oneof(hostile, fc.jsonValue({ maxDepth: 1 })), { maxLength: 3 }),
    }),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
    fc.record({ type: fc.constant('object'), properties: fc.dictionary(hostile, tie('schema')) }),
  ),
})).schema;

const document = fc
  .record({ group: hostile, version: hostile, kind: hostile, plural: hostile, of: hostile, schema })
  .map(({ group, version, kind, plural, of, schema: inner }) => {
    const gvk = { group, version, kind };
    const operation = { get: { 'x-kubernetes-group-version-kind': gvk } };
    const described = { ...(inner as object), 'x-kubernetes-group-version-kind': [gvk] };
    const definition = `${group}.${version}.${kind}`;
    return {
      paths: { [`/apis/${group}/${version}/namespaces/{namespace}/${plural}`]: operation },
      components: {
        schemas: {
          [definition]: described,
          [`${of}.v1.Other`]: {
            type: 'object',
            properties: { first: { $ref: `#/components/schemas/${definition}` } },
          },
        },
      },
    };
  });

test('generateCustomKinds() writes nothing that a server says as code', () => {
  let modules = 0;
  fc.assert(
    fc.property(document, (said) => {
      for (const [file, text] of generatedOrRefused(said)) {
        modules += 1;
        assert.match(file, /^[\w-]+\/[\w-]+\.ts$/);
        requireHarmless(text);
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(modules > 500, 'most documents are written');
});

test('a name of a server is an identifier, and a value a literal', () => {
  assert.equal(identifier('Widget'), 'Widget');
  assert.equal(identifier('My-Kind'), 'My_Kind');
  assert.equal(identifier('A{};evil()'), 'A___evil__');
  assert.equal(identifier('class'), '_class');
  assert.equal(identifier('1st'), '_1st');
  assert.equal(literal('it\'s\n\\ "so" \u2028'), "'it\\'s\\n\\\\ \"so\" \\u2028'");
});

/** Nothing for what cannot be resolved: it is refused as a whole. */
function generatedOrRefused(said: object): Iterable<[string, string]> {
  try {
    return generateCustomKinds([said]);
  } catch (error) {
    assert.match((error as Error).message, /^cannot (generate|resolve) /);
    return [];
  }
}

function requireHarmless(text: string): void {
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    const { type } = node as { type?: unknown };
    if (typeof type === 'string') assert.ok(harmless.has(type), `${type} in ${text}`);
    if (type === 'ImportDeclaration') {
      const { importKind, source } = node as { importKind?: string; source: { value: string } };
      assert.equal(importKind, 'type');
      assert.match(source.value, /^(@fairway\/[\w/]+|\.\.?\/[\w./-]+)$/);
    }
    Object.values(node).forEach(visit);
  };
  visit(parseAst(text, { lang: 'ts' }, 'generated.ts'));
}
