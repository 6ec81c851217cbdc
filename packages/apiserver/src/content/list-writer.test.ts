import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeValue } from './encode-value.ts';
import { type ListEnvelope, listWriter } from './list-writer.ts';
import type { Representation } from './representation.ts';

const text = fc.oneof(fc.string(), fc.constantFrom('a\nb', '- x', 'yes', '"', '\u2028', 'é 😀'));
const configMap = fc.record({
  metadata: fc.record({ name: text, labels: fc.dictionary(fc.constantFrom('a', 'b'), text) }),
  data: fc.dictionary(fc.constantFrom('x', 'y.z'), text),
});
const configMaps: ListEnvelope = {
  fields: { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' } },
  itemsField: 'items',
};
const table: ListEnvelope = {
  fields: {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: [{ name: 'Name', type: 'string' }],
  },
  itemsField: 'rows',
};
const formats: readonly (Pick<Representation, 'format'> & { readonly isPretty: boolean })[] = [
  { format: 'json', isPretty: false },
  { format: 'json', isPretty: true },
  { format: 'yaml', isPretty: false },
  { format: 'protobuf', isPretty: false },
];

for (const format of formats) {
  test(`listWriter() writes some at a time what the whole is as ${JSON.stringify(format)}`, () => {
    const representation = { ...format, form: 'object', metaVersion: 'v1' } as Representation;
    const envelopes = format.format === 'protobuf' ? [configMaps] : [configMaps, table];
    fc.assert(
      fc.property(
        fc.array(configMap, { maxLength: 5 }),
        fc.constantFrom(1, 1, 1, 40),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom(...envelopes),
        (few, times, step, envelope) => {
          const items = Array.from({ length: times }, () => few).flat();
          const writer = listWriter(envelope, representation);
          for (let at = 0; at < items.length; at += step) writer.add(items.slice(at, at + step));
          const whole = { ...envelope.fields, [envelope.itemsField]: items };
          const expected = encodeValue(whole, representation);
          assert.equal(
            Buffer.from(writer.finish()).toString('latin1'),
            Buffer.from(expected).toString('latin1'),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
}
