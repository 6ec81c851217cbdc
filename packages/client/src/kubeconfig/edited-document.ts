import { Secret } from '@fairway/host';
import type { Document } from 'yaml';
import type { Fault } from './decode-shape.ts';
import type { EditedFields, KubeconfigSection } from './edited-fields.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import { decodeKubeconfigFile } from './kubeconfig-schema.ts';
import type { LoadedFile } from './merge-kubeconfigs.ts';

type Yaml = typeof import('yaml');
type Path = readonly (string | number)[];

/** One kubeconfig file as a tree that is changed in place, so that comments and unknown keys stay. */
export class EditedDocument {
  readonly path: string;
  readonly #yaml: Yaml;
  readonly #tree: Document;
  readonly #format: Format;
  #isChanged = false;

  constructor(yaml: Yaml, source: { path: string; tree: Document; text: string | undefined }) {
    this.#yaml = yaml;
    this.path = source.path;
    this.#tree = source.tree;
    this.#format = formatOf(source.text ?? '');
    if (isEmpty(this.#tree.contents)) {
      this.#tree.contents = this.#tree.createNode({ apiVersion: 'v1', kind: 'Config' });
    }
  }

  get isChanged(): boolean {
    return this.#isChanged;
  }

  get currentContext(): string {
    const name = this.#tree.get('current-context');
    return typeof name === 'string' ? name : '';
  }

  set currentContext(name: string) {
    this.#set(['current-context'], name);
  }

  names(section: KubeconfigSection): string[] {
    const list = this.#tree.get(section);
    if (!this.#yaml.isSeq(list)) return [];
    return list.items.map((item) => {
      const name = this.#yaml.isMap(item) ? item.get('name') : undefined;
      return typeof name === 'string' ? name : '';
    });
  }

  has(section: KubeconfigSection, name: string): boolean {
    return this.names(section).includes(name);
  }

  setEntry(section: KubeconfigSection, name: string, fields: EditedFields): void {
    const key = section.slice(0, -1);
    let index = this.names(section).indexOf(name);
    if (index < 0) index = this.#append(section, { [key]: {}, name });
    this.#lay([section, index, key], fields);
  }

  deleteEntry(section: KubeconfigSection, name: string): void {
    const index = this.names(section).indexOf(name);
    if (index >= 0) this.#delete([section, index]);
  }

  renameContext(from: string, to: string): void {
    this.#set(['contexts', this.names('contexts').indexOf(from), 'name'], to);
  }

  /** Takes away what lies at `path` below the entry, if it is there. */
  unset(section: KubeconfigSection, name: string, path: readonly string[]): void {
    const index = this.names(section).indexOf(name);
    if (index >= 0) this.#delete([section, index, section.slice(0, -1), ...path]);
  }

  deleteTopLevel(key: string): void {
    this.#delete([key]);
  }

  /** What is wrong with the file as it stands. */
  faults(): readonly Fault[] {
    try {
      const decoded = decodeKubeconfigFile(this.#tree.toJS());
      return 'faults' in decoded ? decoded.faults : [];
    } catch (error) {
      // Aliases that lead nowhere, or to too much.
      if (!(error instanceof ReferenceError)) throw error;
      return [{ field: '', detail: `is not usable YAML: ${error.message}` }];
    }
  }

  /** What a file without faults holds now. */
  decode(): LoadedFile {
    const decoded = decodeKubeconfigFile(this.#tree.toJS());
    if ('faults' in decoded) throw new Error(`${this.path} has faults`);
    return { path: this.path, content: decoded.file };
  }

  toText(): string {
    const { jsonIndent, hasIndentedLists, hasPaddedFlow } = this.#format;
    if (jsonIndent !== undefined) return `${JSON.stringify(this.#tree.toJS(), null, jsonIndent)}\n`;
    return this.#tree.toString({
      lineWidth: 0,
      indentSeq: hasIndentedLists,
      flowCollectionPadding: hasPaddedFlow,
    });
  }

  #append(section: KubeconfigSection, entry: object): number {
    let list = this.#tree.get(section);
    if (!this.#yaml.isSeq(list)) {
      list = this.#tree.createNode([]);
      this.#tree.set(section, list);
    }
    if (!this.#yaml.isSeq(list)) throw new Error(`${section} is no list`);
    if (list.items.length === 0) list.flow = false;
    this.#isChanged = true;
    return list.items.push(this.#tree.createNode(entry)) - 1;
  }

  #lay(path: Path, fields: EditedFields): void {
    const map = this.#tree.getIn(path, true);
    if (this.#yaml.isAlias(map)) {
      const detail = `is the YAML alias *${map.source}, which others may use too; write it out first`;
      const field = path.join('.');
      throw new KubeconfigError('invalid', [{ file: this.path, field, detail }]);
    }
    if (!this.#yaml.isMap(map)) this.#tree.setIn(path, this.#tree.createNode({}));
    else if (map.items.length === 0) map.flow = false;
    for (const [field, value] of Object.entries(fields)) {
      const inner = [...path, field];
      if (value === undefined) this.#delete(inner);
      else if (value instanceof Secret) this.#set(inner, value.reveal());
      else if (typeof value === 'object' && !Array.isArray(value)) {
        this.#lay(inner, value as EditedFields);
      } else this.#set(inner, value);
    }
  }

  /** Changes a scalar where it stands, so that a comment after it stays. */
  #set(path: Path, value: unknown): void {
    const node = this.#tree.getIn(path, true);
    const isScalar = typeof value !== 'object' && this.#yaml.isScalar(node);
    if (isScalar && node.value === value) return;
    this.#isChanged = true;
    if (isScalar) {
      node.value = value;
      // Quotes and the like belong to the old value.
      delete node.type;
      delete node.source;
      delete node.format;
    } else this.#tree.setIn(path, this.#tree.createNode(value));
  }

  #delete(path: Path): void {
    if (!this.#tree.hasIn(path)) return;
    this.#tree.deleteIn(path);
    this.#isChanged = true;
  }
}

function isEmpty(contents: unknown): boolean {
  if (contents === null) return true;
  return typeof contents === 'object' && 'value' in contents && contents.value === null;
}

/** How a file is written, so that a change looks like the rest of it. */
interface Format {
  /** The file is JSON, indented by this much. */
  readonly jsonIndent?: string | number;
  readonly hasIndentedLists: boolean;
  readonly hasPaddedFlow: boolean;
}

function formatOf(text: string): Format {
  return {
    ...(isJson(text) ? { jsonIndent: /^\{\r?\n([ \t]+)"/.exec(text.trim())?.[1] ?? 0 } : {}),
    hasIndentedLists: /^[\w-]+:[^\n]*\n(\s*#[^\n]*\n)*[ \t]+- /m.test(text),
    hasPaddedFlow: /[{[] +\S/.test(text),
  };
}

function isJson(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
