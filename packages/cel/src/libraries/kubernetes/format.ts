import {
  checkDnsLabel,
  dns1035LabelErrors,
  dnsSubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
  withoutLastDash,
} from '@fairway/protocol';
import { type Library, declare, member, overload } from '../../declarations.ts';
import { listType, opaqueType, optionalType, stringType, typeType } from '../../type.ts';
import { Optional, none } from '../../values/optional.ts';
import { parseTimestamp } from '../../values/time.ts';
import { Failure, OpaqueValue, TypeValue, type Value } from '../../values/value.ts';
import { parseRequestUrl } from './parse-url.ts';

/** A kind of text that Kubernetes has rules for. */
class FormatValue extends OpaqueValue {
  readonly name: string;
  /** What is wrong with a text. */
  readonly check: (text: string) => readonly string[];

  constructor(name: string, check: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.check = check;
  }

  get typeName(): string {
    return 'kubernetes.NamedFormat';
  }

  equals(other: Value): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}

const formatType = opaqueType('kubernetes.NamedFormat');

const listOf = (problem: string | undefined): readonly string[] =>
  problem === undefined ? [] : [problem];

const unless = (isFine: boolean, problem: string): readonly string[] => (isFine ? [] : [problem]);

/** As the recorded server says it, which is not as it says it of names. */
function labelProblems(text: string): readonly string[] {
  const problems: string[] = [];
  if (text.length > 63) problems.push('must be no more than 63 characters');
  const shortened = text.slice(0, 63).replace(/-+$/, '');
  if (text.includes('.')) problems.push('must not contain dots');
  else problems.push(...listOf(checkDnsLabel(text.length > 63 ? shortened : text)));
  return problems;
}

const prefix = { isPrefix: true } as const;
const uuidPattern = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const base64Pattern =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;

function isTimestamp(text: string): boolean {
  const parsed = parseTimestamp(text.toUpperCase());
  return parsed !== undefined && !(parsed instanceof Failure);
}

const formats: ReadonlyMap<string, FormatValue> = new Map(
  Object.entries({
    dns1123Label: labelProblems,
    dns1123Subdomain: dnsSubdomainErrors,
    dns1035Label: dns1035LabelErrors,
    qualifiedName: qualifiedNameErrors,
    dns1123LabelPrefix: (text: string) => listOf(checkDnsLabel(text, prefix)),
    dns1123SubdomainPrefix: (text: string) => dnsSubdomainErrors(withoutLastDash(text)),
    dns1035LabelPrefix: (text: string) => dns1035LabelErrors(withoutLastDash(text)),
    labelValue: labelValueErrors,
    uri: (text: string) => {
      const parsed = parseRequestUrl(text);
      return typeof parsed === 'string' ? [parsed] : [];
    },
    uuid: (text: string) => unless(uuidPattern.test(text), 'does not match the UUID format'),
    byte: (text: string) => unless(base64Pattern.test(text), 'invalid base64'),
    date: (text: string) => unless(isTimestamp(`${text}T00:00:00Z`), 'invalid date'),
    datetime: (text: string) => unless(isTimestamp(text), 'invalid datetime'),
  }).map(([name, check]) => [name, new FormatValue(name, check)]),
);

/** Source: Kubernetes, cel/library/format.go. */
export const formatLibrary: Library = {
  functions: [
    ...[...formats].map(([name, format]) =>
      declare(
        `format.${name}`,
        overload(`format.${name}`, [], formatType, () => format),
      ),
    ),
    declare(
      'format.named',
      overload('format-named', [stringType], optionalType(formatType), (name: string) => {
        const found = formats.get(name);
        return found === undefined ? none : new Optional(found);
      }),
    ),
    declare(
      'validate',
      member(
        'format-validate',
        [formatType, stringType],
        optionalType(listType(stringType)),
        ({ check }: FormatValue, text: string) => {
          const problems = check(text);
          return problems.length === 0 ? none : new Optional(problems);
        },
      ),
    ),
  ],
  types: [
    {
      name: 'kubernetes.NamedFormat',
      type: typeType(formatType),
      value: new TypeValue('kubernetes.NamedFormat'),
    },
  ],
};
