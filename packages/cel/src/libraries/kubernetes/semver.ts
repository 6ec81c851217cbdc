import { type Library, declare, member, overload } from '../../declarations.ts';
import { boolType, intType, opaqueType, stringType, typeType } from '../../type.ts';
import { Failure, OpaqueValue, type Result, TypeValue, type Value } from '../../values/value.ts';

const parts = ['major', 'minor', 'patch'] as const;
type Part = (typeof parts)[number];

/** A version: `1.2.3-rc.1+build`. Builds say nothing of the order. */
class Semver extends OpaqueValue {
  readonly numbers: Readonly<Record<Part, bigint>>;
  readonly prerelease: readonly string[];

  constructor(numbers: Readonly<Record<Part, bigint>>, prerelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
  }

  get typeName(): string {
    return 'kubernetes.Semver';
  }

  equals(other: Value): boolean {
    return other instanceof Semver && order(this, other) === 0;
  }
}

const semverType = opaqueType('kubernetes.Semver');

/** Reads semver 2.0; what is wrong is told in the words of blang/semver. */
function parse(text: string): Semver | Failure {
  if (text === '') return new Failure('Version string empty');
  const [major, minor, ...rest] = text.split('.');
  if (major === undefined || minor === undefined || rest.length === 0) {
    return new Failure('No Major.Minor.Patch elements found');
  }
  const [withoutBuild = '', ...build] = rest.join('.').split('+');
  const dash = withoutBuild.indexOf('-');
  const patch = dash < 0 ? withoutBuild : withoutBuild.slice(0, dash);
  const prerelease = dash < 0 ? [] : withoutBuild.slice(dash + 1).split('.');
  const problem =
    numberProblem('Major', major) ??
    numberProblem('Minor', minor) ??
    numberProblem('Patch', patch) ??
    prereleaseProblem(prerelease) ??
    (build.length === 0 ? undefined : buildProblem(build.join('+').split('.')));
  if (problem !== undefined) return new Failure(problem);
  return new Semver(
    { major: BigInt(major), minor: BigInt(minor), patch: BigInt(patch) },
    prerelease,
  );
}

function numberProblem(name: string, text: string): string | undefined {
  if (!/^\d{1,20}$/.test(text)) {
    return `Invalid character(s) found in ${name.toLowerCase()} number ${JSON.stringify(text)}`;
  }
  if (!/^0\d/.test(text)) return undefined;
  return `${name} number must not contain leading zeroes ${JSON.stringify(text)}`;
}

function prereleaseProblem(identifiers: readonly string[]): string | undefined {
  for (const each of identifiers) {
    if (each === '') return 'Prerelease is empty';
    if (/^0\d+$/.test(each)) {
      return `Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(each)}`;
    }
    if (!/^[0-9A-Za-z-]+$/.test(each)) {
      return `Invalid character(s) found in prerelease ${JSON.stringify(each)}`;
    }
  }
  return undefined;
}

function buildProblem(identifiers: readonly string[]): string | undefined {
  for (const each of identifiers) {
    if (each === '') return 'Build meta data is empty';
    if (!/^[0-9A-Za-z-]+$/.test(each)) {
      return `Invalid character(s) found in build meta data ${JSON.stringify(each)}`;
    }
  }
  return undefined;
}

/** `v1.2` is `1.2.0`, and `01` is `1`. */
function normalize(text: string): string {
  const end = /[-+]/.exec(text)?.index ?? text.length;
  const numbers = text.slice(0, end).replace(/^v/, '').split('.');
  while (numbers.length < 3) numbers.push('0');
  return numbers.map((each) => each.replace(/^0+(?=\d)/, '')).join('.') + text.slice(end);
}

function read(text: string, isLenient = false): Semver | Failure {
  return parse(isLenient ? normalize(text) : text);
}

/** Source: semver 2.0.0, item 11. */
function order(one: Semver, other: Semver): number {
  for (const part of parts) {
    if (one.numbers[part] !== other.numbers[part]) {
      return one.numbers[part] < other.numbers[part] ? -1 : 1;
    }
  }
  if (one.prerelease.length === 0 || other.prerelease.length === 0) {
    return Number(one.prerelease.length === 0) - Number(other.prerelease.length === 0);
  }
  const count = Math.max(one.prerelease.length, other.prerelease.length);
  for (let index = 0; index < count; index++) {
    const found = orderIdentifiers(one.prerelease[index], other.prerelease[index]);
    if (found !== 0) return found;
  }
  return 0;
}

function orderIdentifiers(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) {
    return Number(one !== undefined) - Number(other !== undefined);
  }
  const isNumber = /^\d+$/.test(one);
  if (isNumber !== /^\d+$/.test(other)) return isNumber ? -1 : 1;
  if (isNumber) return BigInt(one) < BigInt(other) ? -1 : BigInt(one) > BigInt(other) ? 1 : 0;
  return one < other ? -1 : one > other ? 1 : 0;
}

const isSemver = (text: string, isLenient?: boolean): Result =>
  !(read(text, isLenient) instanceof Failure);

/** Source: Kubernetes, cel/library/semverlib.go, version 1. */
export const semverLibrary: Library = {
  functions: [
    declare(
      'semver',
      overload('string_to_semver', [stringType], semverType, read),
      overload('string_bool_to_semver', [stringType, boolType], semverType, read),
    ),
    declare(
      'isSemver',
      overload('is_semver_string', [stringType], boolType, isSemver),
      overload('is_semver_string_bool', [stringType, boolType], boolType, isSemver),
    ),
    ...parts.map((part) =>
      declare(
        part,
        member(`semver_${part}`, [semverType], intType, ({ numbers }: Semver) =>
          Number(numbers[part]),
        ),
      ),
    ),
    declare('compareTo', member('semver_compare_to', [semverType, semverType], intType, order)),
    declare(
      'isLessThan',
      member(
        'semver_is_less_than',
        [semverType, semverType],
        boolType,
        (one: Semver, other: Semver) => order(one, other) < 0,
      ),
    ),
    declare(
      'isGreaterThan',
      member(
        'semver_is_greater_than',
        [semverType, semverType],
        boolType,
        (one: Semver, other: Semver) => order(one, other) > 0,
      ),
    ),
  ],
  types: [
    {
      name: 'kubernetes.Semver',
      type: typeType(semverType),
      value: new TypeValue('kubernetes.Semver'),
    },
  ],
};
