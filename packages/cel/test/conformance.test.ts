import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { conformanceCases } from './conformance-cases.ts';
import { runCase } from './run-conformance.ts';

/** By suite and reason, `enums: enums of protobuf`: how many cases are about something else. */
const exempted: Readonly<Record<string, number>> = {
  'block_ext: cel.block is how a compiler writes down common parts; nobody types it': 37,
  'comparisons: messages of protobuf': 72,
  'dynamic: messages of protobuf': 226,
  'encoders_ext: Kubernetes has no base64 functions': 4,
  'enums: enums of protobuf': 85,
  'math_ext: Kubernetes has no math functions': 199,
  'optionals: messages of protobuf': 11,
  'parse: messages of protobuf': 26,
  'proto2: messages of protobuf': 108,
  'proto2_ext: messages of protobuf': 18,
  'proto3: messages of protobuf': 75,
  'string_ext: before version 4 of its library cel-go formats otherwise': 9,
  'string_ext: cel-go answers -1': 2,
  'string_ext: messages of protobuf': 3,
  'timestamps: cel-go answers the whole duration in milliseconds': 1,
  'type_deductions: messages of protobuf': 21,
  'wrappers: messages of protobuf': 36,
};

suite('the conformance cases of google/cel-spec', () => {
  const applying = conformanceCases.filter(({ exemption }) => exemption === undefined);

  for (const [name, cases] of Map.groupBy(applying, suiteName)) {
    test(`${name}: ${cases.length} cases`, () => {
      const problems = cases.flatMap((each) => {
        const problem = runCase(each);
        return problem === undefined ? [] : [`${each.name}: ${each.expression} ${problem}`];
      });
      assert.deepEqual(problems, []);
    });
  }

  test('those that do not apply are these, and no more', () => {
    const found: Record<string, number> = {};
    for (const each of conformanceCases) {
      if (each.exemption === undefined) continue;
      const reason = `${suiteName(each)}: ${each.exemption}`;
      found[reason] = (found[reason] ?? 0) + 1;
    }
    assert.deepEqual(found, exempted);
  });

  test('the README says how many there are', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const said = `Of its ${conformanceCases.length} cases ${applying.length} apply and pass`;
    assert.ok(readme.replaceAll(/\s+/g, ' ').includes(said), said);
  });
});

function suiteName({ name }: { readonly name: string }): string {
  return name.split('/')[0] ?? '';
}
