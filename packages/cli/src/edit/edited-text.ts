import type { DynamicObject } from '@fairway/client';
import { type JsonValue, isJsonObject } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { documentFormat } from '../output/output-format.ts';
import { shown } from '../output/shown-object.ts';

/** How objects stand in the file that is edited. */
export type EditFormat = 'json' | 'yaml';

/** The text of objects, with what is to be said to who edits it. */
export async function textToEdit(
  objects: readonly DynamicObject[],
  format: EditFormat,
): Promise<string> {
  const write = await documentFormat(format);
  const items = objects.map((object) => shown(object, false));
  const list = { apiVersion: 'v1', items, kind: 'List', metadata: {} };
  return write?.(items.length === 1 ? items[0] : list) ?? '';
}

/** What stands before the text. */
export function headOf(reasons: readonly string[]): string {
  const lines = [
    "Please edit the object below. Lines beginning with a '#' will be ignored,",
    'and an empty file will abort the edit. If an error occurs while saving this file will be',
    'reopened with the relevant failures.',
    '',
    ...reasons.flatMap((reason) => [...reason.split(/\r?\n/), '']),
  ];
  return lines.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('');
}

/** The text without what stands before it. */
export function withoutHead(text: string): string {
  return text
    .split(/(?<=\n)/)
    .filter((line) => !line.startsWith('#'))
    .join('');
}

/** The object of an edited text that an object has become. Errors: `CommandError` where it is not there. */
export function editedOf(original: DynamicObject, edited: readonly DynamicObject[]): DynamicObject {
  const found = edited.find((each) => identityOf(each) === identityOf(original));
  if (found !== undefined) return found;
  throw new CommandError(
    `At least one of apiVersion, kind and name was changed: ${identityOf(original)} is not in the file any more`,
  );
}

function identityOf({ apiVersion = '', kind = '', metadata }: DynamicObject): string {
  const { namespace = '', name = '' } = metadata ?? {};
  return `${apiVersion} ${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/**
 * The fields that two changes of one object both touch, other than in the same way; each as `metadata.labels.a`.
 * Shape: changes as merge patches have them.
 */
export function clashesOf(ours: JsonValue, theirs: JsonValue, path = ''): readonly string[] {
  if (!isJsonObject(ours) || !isJsonObject(theirs)) {
    return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [path];
  }
  return Object.keys(ours).flatMap((key) => {
    const [our = null, their] = [ours[key], theirs[key]];
    if (their === undefined || key.startsWith('$')) return [];
    return clashesOf(our, their, path === '' ? key : `${path}.${key}`);
  });
}
