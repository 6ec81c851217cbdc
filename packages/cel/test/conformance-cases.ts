/** The cases of google/cel-spec, and which of them are about things that Kubernetes has. */
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import { readType, readValue } from './wire-values.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface ConformanceCase {
  /** `string_ext/format/no-op` */
  readonly name: string;
  readonly expression: string;
  readonly isChecked: boolean;
  readonly isCheckOnly: boolean;
  readonly container: string;
  /** Names and their types, as JSON. */
  readonly typeEnv: readonly Json[];
  readonly bindings: Readonly<Record<string, { readonly value: Json }>>;
  /** Undefined when evaluating must fail. */
  readonly value: Json | undefined;
  readonly deducedType: Json | undefined;
  /** The same as cel-go prints it, where the specification says nothing. */
  readonly printedType: string | undefined;
  /** Why it says nothing about us; undefined: it must pass. */
  readonly exemption: string | undefined;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Json; readonly type?: string }[];
}

/** Parts of the specification that Kubernetes 1.36 does not have. */
const withoutUser: Readonly<Record<string, string>> = {
  block_ext: 'cel.block is how a compiler writes down common parts; nobody types it',
  encoders_ext: 'Kubernetes has no base64 functions',
  enums: 'enums of protobuf',
  math_ext: 'Kubernetes has no math functions',
  proto2: 'messages of protobuf',
  proto2_ext: 'messages of protobuf',
  proto3: 'messages of protobuf',
  wrappers: 'messages of protobuf',
  dynamic: 'messages of protobuf',
};

/** Cases where cel-go, which Kubernetes runs, does otherwise than the specification. */
const likeCelGo: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'NaN support for decimal',
      'positive infinity support for decimal',
      'negative infinity support for decimal',
      'list support for string',
      'map support for string',
      'map support (all key types)',
      'dyntype NaN/infinity support',
      'dyntype support for lists',
      'dyntype support for maps',
    ].map((name) => [
      `string_ext/format/${name}`,
      'before version 4 of its library cel-go formats otherwise',
    ]),
  ),
  'timestamps/duration_converters/get_milliseconds':
    'cel-go answers the whole duration in milliseconds',
  'string_ext/value_errors/indexof_out_of_range': 'cel-go answers -1',
  'string_ext/value_errors/lastindexof_out_of_range': 'cel-go answers -1',
};

export const conformanceCases: readonly ConformanceCase[] = [...casesOf(tests as Suite, '')];

function* casesOf(suite: Suite, path: string): Generator<ConformanceCase> {
  for (const { original, type } of suite.tests ?? []) yield read(original, path, type);
  for (const each of suite.suites ?? []) {
    yield* casesOf(each, path === '' ? each.name : `${path}/${each.name}`);
  }
}

function read(original: Json, path: string, printedType: string | undefined): ConformanceCase {
  const typedResult = original['typedResult'] as Json | undefined;
  const { name, expr, container = '', typeEnv = [], bindings = {} } = original;
  const fails = original['evalError'] !== undefined || original['anyEvalErrors'] !== undefined;
  const expected = (original['value'] ?? typedResult?.['result']) as Json | undefined;
  const found = {
    name: `${path}/${String(name)}`,
    expression: String(expr),
    isChecked: original['disableCheck'] !== true,
    isCheckOnly: original['checkOnly'] === true,
    container: String(container),
    typeEnv: typeEnv as readonly Json[],
    bindings: bindings as ConformanceCase['bindings'],
    value: fails ? undefined : (expected ?? { boolValue: true }),
    deducedType: typedResult?.['deducedType'] as Json | undefined,
    printedType,
  };
  return { ...found, exemption: exemptionOf(found) };
}

function exemptionOf(found: Omit<ConformanceCase, 'exemption'>): string | undefined {
  const [suite = ''] = found.name.split('/');
  const known = withoutUser[suite] ?? likeCelGo[found.name];
  if (known !== undefined) return known;
  if (namesMessage(found)) return 'messages of protobuf';
  const values = [found.value, ...Object.values(found.bindings).map(({ value }) => value)];
  if (values.some((each) => each !== undefined && readValue(each) === undefined)) {
    return 'messages of protobuf';
  }
  const isTyped = found.typeEnv.every(isDeclared) && isReadable(found.deducedType);
  return isTyped ? undefined : 'types of protobuf';
}

function namesMessage({
  expression,
  typeEnv,
}: Pick<ConformanceCase, 'expression' | 'typeEnv'>): boolean {
  if (/TestAllTypes|NestedTestAllTypes|GlobalEnum/.test(expression)) return true;
  if (/TestAllTypes|\bwrapper\b/.test(JSON.stringify(typeEnv))) return true;
  return (
    /google\.protobuf\.(?!Timestamp\b|Duration\b)/.test(expression) ||
    /google\.protobuf\.\w+\s*\{/.test(expression)
  );
}

function isDeclared(declaration: Json): boolean {
  if (declaration['function'] !== undefined) return true;
  return isReadable((declaration['ident'] as Json)['type'] as Json);
}

function isReadable(type: Json | undefined): boolean {
  return type === undefined || readType(type) !== undefined;
}
