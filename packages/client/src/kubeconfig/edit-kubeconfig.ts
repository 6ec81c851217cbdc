import { type Clock, type Environment, type Files, messageOf } from '@fairway/host';
import { EditedDocument } from './edited-document.ts';
import type { EditedFields, KubeconfigSection } from './edited-fields.ts';
import { directoryOf } from './file-path.ts';
import type { KubeconfigLocation } from './find-kubeconfig.ts';
import { KubeconfigError, type KubeconfigIssue } from './kubeconfig-error.ts';
import { lockFiles } from './lock-files.ts';
import { type Kubeconfig, mergeKubeconfigs } from './merge-kubeconfigs.ts';
import { readKubeconfigText } from './read-kubeconfig-text.ts';
import { readYaml } from './read-yaml.ts';

/** One change to a configuration. */
export type KubeconfigEdit =
  | { readonly kind: 'use-context'; readonly name: string }
  /** Makes the entry, or changes the given fields of the one that is there. */
  | {
      readonly kind: 'set';
      readonly section: KubeconfigSection;
      readonly name: string;
      readonly fields: EditedFields;
    }
  | { readonly kind: 'delete'; readonly section: KubeconfigSection; readonly name: string }
  | { readonly kind: 'rename-context'; readonly from: string; readonly to: string }
  /** Takes fields away, if they are there. An empty path takes the entry away. */
  | {
      readonly kind: 'unset';
      readonly section: KubeconfigSection;
      readonly name: string;
      readonly path: readonly string[];
    }
  | { readonly kind: 'unset-current-context' };

export interface EditResult {
  /** Files that were written, in the order of the location. */
  readonly written: readonly string[];
  /** The file that each edit concerned. */
  readonly outcomes: readonly EditOutcome[];
}

export interface EditOutcome {
  readonly file: string;
  /** A `set` made a new entry. */
  readonly isNew: boolean;
}

/** The bit of a mode that lets the owner write. */
const ownerWrites = 0o200;

export interface EditHost {
  readonly files: Files;
  readonly clock: Clock;
  readonly environment: Environment;
}

/**
 * Changes kubeconfig files in place, and leaves comments and unknown keys as they are.
 *
 * `choose` sees what the files hold while nobody else changes them, and may throw to change
 * nothing. An entry is changed in the file that it comes from. What is new, and the current
 * context, goes to the first file that exists, or else to the last one of the location. While it
 * works it holds the same lock files as kubectl. New files get mode 0600. With `isDryRun` it does
 * everything but write.
 *
 * Errors: throws `KubeconfigError`: `unknown-name`, `malformed`, `invalid`, `unreadable`,
 * `read-only`, or `locked` when another program does not finish. Nothing has been changed then.
 */
export async function editKubeconfig(
  host: EditHost,
  location: KubeconfigLocation,
  choose: (config: Kubeconfig) => readonly KubeconfigEdit[],
  { isDryRun = false }: { readonly isDryRun?: boolean } = {},
): Promise<EditResult> {
  const paths = await filesInPlay(host, location);
  await using _lock = await lockFiles(host, paths);
  const documents = await openDocuments(host.files, paths);
  const config = mergeKubeconfigs(documents.map((each) => each.decode()));
  const outcomes = choose(config).map((edit) => applyEdit(documents, edit));
  const changed = documents.filter((each) => each.isChanged);
  refuseFaults(changed, 'invalid');
  await refuseReadOnly(host.files, changed);
  if (!isDryRun) for (const document of changed) await writeDocument(host.files, document);
  return { written: isDryRun ? [] : changed.map((each) => each.path), outcomes };
}

/** The files that exist, or the one to make. */
async function filesInPlay(
  { files, environment }: EditHost,
  location: KubeconfigLocation,
): Promise<readonly string[]> {
  const facts = await Promise.all(location.files.map((path) => files.stat(path)));
  const existing = location.files.filter((_, index) => facts[index] !== undefined);
  if (existing.length > 0) return existing;
  const last = location.files.at(-1);
  if (last === undefined) {
    const message = 'cannot change the kubeconfig: no home directory; set KUBECONFIG or HOME';
    throw new KubeconfigError('absent', [], { message });
  }
  await files.makeDirectory(directoryOf(last, environment.platform), { mode: 0o755 });
  return [last];
}

async function openDocuments(
  files: Files,
  paths: readonly string[],
): Promise<readonly EditedDocument[]> {
  const yaml = await import('yaml');
  const issues: KubeconfigIssue[] = [];
  const documents: EditedDocument[] = [];
  let problem: 'malformed' | 'unreadable' = 'malformed';
  for (const path of paths) {
    const read = await readKubeconfigText(files, path);
    if (read.kind === 'unreadable' || read.kind === 'malformed') {
      if (read.kind === 'unreadable') problem = read.kind;
      issues.push({ file: path, field: '', detail: read.detail });
      continue;
    }
    const text = read.kind === 'text' ? read.text : undefined;
    const parsed = await readYaml(text ?? '');
    if (parsed.kind === 'malformed') {
      issues.push({ file: path, field: '', detail: `is not YAML: ${parsed.detail}` });
    } else documents.push(new EditedDocument(yaml, { path, tree: parsed.document, text }));
  }
  if (issues.length > 0) throw new KubeconfigError(problem, issues);
  refuseFaults(documents, 'malformed');
  return documents;
}

function refuseFaults(
  documents: readonly EditedDocument[],
  problem: 'malformed' | 'invalid',
): void {
  const issues = documents.flatMap((document) => {
    return document.faults().map((each): KubeconfigIssue => ({ file: document.path, ...each }));
  });
  if (issues.length > 0) throw new KubeconfigError(problem, issues);
}

function applyEdit(documents: readonly EditedDocument[], edit: KubeconfigEdit): EditOutcome {
  switch (edit.kind) {
    case 'use-context':
      return useContext(documents, edit.name);
    case 'set': {
      refuseEmptyName(edit.name);
      const origin = documents.find((each) => each.has(edit.section, edit.name));
      const document = origin ?? firstOf(documents);
      document.setEntry(edit.section, edit.name, edit.fields);
      return { file: document.path, isNew: origin === undefined };
    }
    case 'delete': {
      const document = documents.find((each) => each.has(edit.section, edit.name));
      if (document === undefined) throw cannotFind(documents, edit);
      document.deleteEntry(edit.section, edit.name);
      return { file: document.path, isNew: false };
    }
    case 'rename-context':
      return renameContext(documents, edit);
    case 'unset':
      return unsetField(documents, edit);
    case 'unset-current-context': {
      const document = documents.find((each) => each.currentContext !== '');
      document?.deleteTopLevel('current-context');
      return { file: (document ?? firstOf(documents)).path, isNew: false };
    }
  }
}

function useContext(documents: readonly EditedDocument[], name: string): EditOutcome {
  if (!documents.some((each) => each.has('contexts', name))) {
    const message = `no context exists with the name: ${JSON.stringify(name)} in ${placeOf(documents)} (has: ${namesOf(documents, 'contexts')})`;
    throw new KubeconfigError('unknown-name', [], { message });
  }
  const document = firstOf(documents);
  document.currentContext = name;
  return { file: document.path, isNew: false };
}

function renameContext(
  documents: readonly EditedDocument[],
  { from, to }: { readonly from: string; readonly to: string },
): EditOutcome {
  refuseEmptyName(to);
  const origin = documents.find((each) => each.has('contexts', from));
  if (origin === undefined) {
    const message = `cannot rename the context ${JSON.stringify(from)}, it's not in ${placeOf(documents)} (has: ${namesOf(documents, 'contexts')})`;
    throw new KubeconfigError('unknown-name', [], { message });
  }
  const taken = documents.find((each) => each.has('contexts', to));
  if (taken !== undefined) {
    const message = `cannot rename the context ${JSON.stringify(from)}, the context ${JSON.stringify(to)} already exists in ${taken.path}`;
    throw new KubeconfigError('invalid', [], { message });
  }
  origin.renameContext(from, to);
  const current = documents.find((each) => each.currentContext !== '');
  if (current?.currentContext === from) current.currentContext = to;
  return { file: origin.path, isNew: false };
}

function refuseEmptyName(name: string): void {
  if (name !== '') return;
  throw new KubeconfigError('invalid', [], { message: 'a name in a kubeconfig must not be empty' });
}

function unsetField(
  documents: readonly EditedDocument[],
  edit: Extract<KubeconfigEdit, { kind: 'unset' }>,
): EditOutcome {
  const document = documents.find((each) => each.has(edit.section, edit.name));
  if (edit.path.length === 0) document?.deleteEntry(edit.section, edit.name);
  else document?.unset(edit.section, edit.name, edit.path);
  return { file: (document ?? firstOf(documents)).path, isNew: false };
}

function cannotFind(
  documents: readonly EditedDocument[],
  { section, name }: { section: KubeconfigSection; name: string },
): KubeconfigError {
  const kind = section.slice(0, -1);
  const message = `cannot delete ${kind} ${name}, not in ${placeOf(documents)} (has: ${namesOf(documents, section)})`;
  return new KubeconfigError('unknown-name', [], { message });
}

function namesOf(documents: readonly EditedDocument[], section: KubeconfigSection): string {
  const names = new Set(documents.flatMap((each) => each.names(section)));
  return [...names].toSorted().slice(0, 20).join(', ') || 'none';
}

function placeOf(documents: readonly EditedDocument[]): string {
  return documents.map((each) => each.path).join(', ');
}

function firstOf(documents: readonly EditedDocument[]): EditedDocument {
  const [first] = documents;
  if (first === undefined) throw new RangeError('a kubeconfig location has no files');
  return first;
}

/** A new file would take the place of one that somebody protected. */
async function refuseReadOnly(files: Files, documents: readonly EditedDocument[]): Promise<void> {
  const issues: KubeconfigIssue[] = [];
  for (const { path } of documents) {
    const { mode = ownerWrites } = (await files.stat(path)) ?? {};
    if ((mode & ownerWrites) !== 0) continue;
    const shown = mode.toString(8).padStart(4, '0');
    const detail = `is read-only (mode ${shown}); make it writable with \`chmod u+w\``;
    issues.push({ file: path, field: '', detail });
  }
  if (issues.length > 0) throw new KubeconfigError('read-only', issues);
}

async function writeDocument(files: Files, document: EditedDocument): Promise<void> {
  const facts = await files.stat(document.path);
  const bytes = new TextEncoder().encode(document.toText());
  try {
    await files.write(document.path, bytes, { mode: facts?.mode ?? 0o600 });
  } catch (error) {
    const reason = messageOf(error);
    const issue = { file: document.path, field: '', detail: `cannot be written: ${reason}` };
    throw new KubeconfigError('unreadable', [issue], { cause: error });
  }
}
