import { type Files, messageOf } from '@fairway/host';
import type { KubeconfigLocation } from './find-kubeconfig.ts';
import { KubeconfigError, type KubeconfigIssue } from './kubeconfig-error.ts';
import { decodeKubeconfigFile } from './kubeconfig-schema.ts';
import { type Kubeconfig, type LoadedFile, mergeKubeconfigs } from './merge-kubeconfigs.ts';
import { readKubeconfigText } from './read-kubeconfig-text.ts';
import { readYaml } from './read-yaml.ts';

/**
 * Reads every file of a location and lays them over each other.
 *
 * Files that do not exist are passed over, unless the caller named the file.
 * Errors: throws one `KubeconfigError` with everything that is wrong in any of the files.
 */
export async function loadKubeconfig(
  files: Files,
  location: KubeconfigLocation,
): Promise<Kubeconfig> {
  const outcomes = await Promise.all(location.files.map((path) => loadFile(files, path)));
  const issues = outcomes.flatMap((outcome) => (outcome.kind === 'faulty' ? outcome.issues : []));
  if (location.source === 'explicit' && outcomes[0]?.kind === 'absent') {
    const [file = ''] = location.files;
    const detail = 'no such file or directory; check the path given with --kubeconfig';
    throw new KubeconfigError('unreadable', [{ file, field: '', detail }]);
  }
  if (issues.length > 0) {
    const isUnreadable = outcomes.some((each) => each.kind === 'faulty' && each.isUnreadable);
    throw new KubeconfigError(isUnreadable ? 'unreadable' : 'malformed', issues);
  }
  const loaded = outcomes.flatMap((each) => (each.kind === 'loaded' ? [each.file] : []));
  return mergeKubeconfigs(loaded, location.files);
}

/**
 * A kubeconfig given as text, as if it had been read from `path`.
 *
 * Errors: throws `KubeconfigError` with everything that is wrong with it.
 */
export async function parseKubeconfig(text: string, path: string): Promise<Kubeconfig> {
  const outcome = await parseFile(text, path);
  if (outcome.kind === 'faulty') throw new KubeconfigError('malformed', outcome.issues);
  return mergeKubeconfigs([outcome.file]);
}

type Parsed =
  | { readonly kind: 'loaded'; readonly file: LoadedFile }
  | {
      readonly kind: 'faulty';
      readonly issues: readonly KubeconfigIssue[];
      readonly isUnreadable?: boolean;
    };

async function loadFile(files: Files, path: string): Promise<Parsed | { kind: 'absent' }> {
  const read = await readKubeconfigText(files, path);
  if (read.kind === 'absent') return read;
  if (read.kind === 'text') return parseFile(read.text, path);
  const issues = [{ file: path, field: '', detail: read.detail }];
  return { kind: 'faulty', issues, isUnreadable: read.kind === 'unreadable' };
}

async function parseFile(text: string, path: string): Promise<Parsed> {
  const fault = (detail: string): Parsed => ({
    kind: 'faulty',
    issues: [{ file: path, field: '', detail }],
  });
  const parsed = await readYaml(text);
  if (parsed.kind === 'malformed') return fault(`is not YAML: ${parsed.detail}`);
  let document: unknown;
  try {
    document = parsed.toValue();
  } catch (error) {
    return fault(`is not usable YAML: ${messageOf(error)}`);
  }
  const decoded = decodeKubeconfigFile(document);
  if ('file' in decoded) return { kind: 'loaded', file: { path, content: decoded.file } };
  return { kind: 'faulty', issues: decoded.faults.map((each) => ({ file: path, ...each })) };
}
