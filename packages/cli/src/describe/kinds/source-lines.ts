import type { Shown } from '@fairway/kind-rules/shown';
import type { PersistentVolumeSpec, Volume } from '@fairway/kinds/core/v1';
import { type Lines, field } from '../lines.ts';
import { shortened } from '../metadata-lines.ts';

type Source<Holder, Name extends keyof Holder> = Shown<NonNullable<Holder[Name]>>;
/** What is behind a volume of a pod. */
export type PodSource<Name extends keyof Volume> = Source<Volume, Name>;
/** What is behind a persistent volume. */
export type PersistentSource<Name extends keyof PersistentVolumeSpec> = Source<
  PersistentVolumeSpec,
  Name
>;

/** A line, or one fact of a source and what is told where it does not say it. */
export type Fact =
  | string
  | readonly [
      label: string,
      value: string | number | boolean | readonly string[] | undefined,
      absent?: string | number | boolean,
    ];

/** What kind of source it is, and its facts. */
export function sourceLines(type: string, facts: readonly Fact[]): Lines {
  const told = facts.map((fact) => {
    if (typeof fact === 'string') return fact;
    const [label, value, absent = ''] = fact;
    return field(label, Array.isArray(value) ? `[${value.join(' ')}]` : String(value ?? absent));
  });
  return [field('Type', type), ...told];
}

/** What a CSI driver is told; it is indented once more where it stands, as kubectl has it. */
export function attributeLines(
  attributes: Readonly<Record<string, string | undefined>> = {},
): Lines {
  const texts = Object.keys(attributes)
    .sort()
    .map((key) => `    ${shortened(`${key}=${attributes[key] ?? ''}`, 140)}`);
  const [first = '<none>', ...more] = texts;
  return [field('VolumeAttributes', first), ...more.map((text) => `    \t${text}`)];
}
