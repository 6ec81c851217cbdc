import type { DiscoveredResource } from '@fairway/client';
import type { ExplainedField } from './find-field.ts';
import {
  type Schema,
  type Schemas,
  partsOf,
  refName,
  typeText,
  withFields,
} from './kind-schema.ts';
import { wrapText } from './wrap-text.ts';

const widthMax = 76;
/** In the list of fields; the field itself tells all. */
const valuesShown = 4;

/** Which kind it is that follows. */
export function headText({ group, kind, version }: DiscoveredResource): string {
  const first = group === '' ? '' : `GROUP:      ${group}\n`;
  return `${first}KIND:       ${kind}\nVERSION:    ${version}\n\n`;
}

/** Tells what a field is and which fields it has, as kubectl does. */
export function fieldText(
  schemas: Schemas,
  { name, schema }: ExplainedField,
  { isRecursive }: { readonly isRecursive: boolean },
): string {
  const title =
    name === undefined
      ? ''
      : `FIELD: ${name} <${typeText(schemas, schema)}>\n${enumLines(schemas, schema)}\n`;
  const told = descriptions(schemas, schema).map((each) => `${wrapText(each, widthMax)}\n`);
  const description = indented(told.length === 0 ? '<empty>' : told.join(''), 4);
  const owner = withFields(schemas, schema);
  if (owner === undefined) return `${title}DESCRIPTION:\n${description}\n`;
  const fields = isRecursive
    ? fieldTree(schemas, schema, { depth: 1, within: [] })
    : fieldList(schemas, owner);
  return `${title}DESCRIPTION:\n${description}FIELDS:\n${fields}\n`;
}

/** What is said of a field itself, and then of what it refers to. */
function descriptions(schemas: Schemas, schema: Schema): readonly string[] {
  return [...partsOf(schemas, schema)].flatMap(({ description = '' }) =>
    description === '' ? [] : [description],
  );
}

function enumLines(schemas: Schemas, schema: Schema): string {
  const values = valuesOf(schemas, schema);
  if (values.length === 0) return '\n';
  return `ENUM:\n${values.map((value) => `    ${value}\n`).join('')}`;
}

function valuesOf(schemas: Schemas, schema: Schema): readonly string[] {
  const own = schema.$ref === undefined ? schema : (schemas[refName(schema)] ?? {});
  return (own.enum ?? []).map((value) => (value === '' ? '""' : String(value)));
}

function fieldList(schemas: Schemas, owner: Schema): string {
  return sortedFields(owner)
    .map(([name, field]) => {
      const { description = '' } = field;
      const told = description === '' ? '<no description>' : wrapText(description, widthMax);
      return `${fieldLines(schemas, owner, name, 1)}${indented(told, 4)}\n`;
    })
    .join('');
}

interface Place {
  readonly depth: number;
  /** The schemas that one is within: what contains itself is told once. */
  readonly within: readonly Schema[];
}

function fieldTree(schemas: Schemas, schema: Schema, { depth, within }: Place): string {
  const owner = withFields(schemas, schema);
  if (owner === undefined || within.includes(owner)) return '';
  const inside = { depth: depth + 1, within: [...within, owner] };
  return sortedFields(owner)
    .map(([name, field]) => {
      return `${fieldLines(schemas, owner, name, depth)}${fieldTree(schemas, field, inside)}`;
    })
    .join('');
}

function sortedFields({ properties = {} }: Schema): readonly (readonly [string, Schema])[] {
  return Object.entries(properties).sort(([one], [other]) => (one < other ? -1 : 1));
}

function fieldLines(schemas: Schemas, owner: Schema, name: string, depth: number): string {
  const field = owner.properties?.[name] ?? {};
  const indent = '  '.repeat(depth);
  const required = owner.required?.includes(name) === true ? ' -required-' : '';
  const values = valuesOf(schemas, field);
  const more = values.length > valuesShown ? ', ....' : '';
  const choice =
    values.length === 0 ? '' : `${indent}enum: ${values.slice(0, valuesShown).join(', ')}${more}\n`;
  return `${indent}${name}\t<${typeText(schemas, field)}>${required}\n${choice}`;
}

function indented(text: string, width: number): string {
  return `${text
    .split('\n')
    .map((line) => ' '.repeat(width) + line)
    .join('\n')}\n`;
}
