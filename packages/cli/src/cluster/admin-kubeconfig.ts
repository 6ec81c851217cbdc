import { join } from 'node:path';
import { type Clock, type Environment, type Files, Secret } from '@fairway/host';
import {
  type EditedFields,
  type Kubeconfig,
  type KubeconfigEdit,
  KubeconfigError,
  type KubeconfigSection,
  editKubeconfig,
} from '@fairway/client/kubeconfig';
import { CommandError } from '../command-error.ts';

/** The name of the cluster, its administrator and its context. */
const entryName = 'fairway';
/** The extension of an entry that says whose it is. */
const markName = 'fairway';

/** A kubeconfig file in which a cluster has entries, beside those of others. */
export interface KubeconfigPlace {
  readonly path: string;
  /** Tells the entries of this cluster from those of others. Absolute. */
  readonly dataDirectory: string;
}

/** What a client needs to be the administrator of a cluster. */
export interface AdminAccess {
  readonly url: string;
  /** PEM, as the others. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: Secret;
}

export interface KubeconfigHost {
  readonly files: Files;
  readonly clock: Clock;
  readonly environment: Environment;
}

/** Where a cluster writes its kubeconfig unless it is told another file. */
export function defaultKubeconfigPath(dataDirectory: string): string {
  return join(dataDirectory, 'kubeconfig');
}

/**
 * Adds the cluster, its administrator and a context to the file, or brings up to date what it
 * added before, and makes the context the current one. Everything else in the file stays.
 *
 * Errors: `CommandError` when the file cannot be changed, or others have entries of these names.
 */
export async function addToKubeconfig(
  host: KubeconfigHost,
  place: KubeconfigPlace,
  access: AdminAccess,
): Promise<void> {
  await change(host, place, (config) => additions(place, config, access));
}

/** Throws what `addToKubeconfig` would throw, and changes nothing. */
export async function checkKubeconfig(host: KubeconfigHost, place: KubeconfigPlace): Promise<void> {
  const access = { url: '', authority: '', certificate: '', key: new Secret('') };
  await change(host, place, (config) => additions(place, config, access), { isDryRun: true });
}

/**
 * Takes the entries of the cluster out of the file again, under whatever name they have by now, and
 * makes the context current that was it before. The file in the data directory stays as it is: it
 * is the cluster's own, and shells that use it find the cluster when it starts again.
 *
 * Answers whether there was something to take out. Errors: `CommandError`.
 */
export async function removeFromKubeconfig(
  host: KubeconfigHost,
  place: KubeconfigPlace,
): Promise<boolean> {
  if (isOwnFile(place) || (await host.files.stat(place.path)) === undefined) return false;
  const written = await change(host, place, (config) => removals(place, config));
  return written.length > 0;
}

/**
 * Cleans up after a cluster that was killed: takes its entries out of the file that it recorded.
 * Answers that file, or undefined when nothing was in it.
 */
export async function removeAbandonedEntries(
  host: KubeconfigHost,
  gone: { readonly kubeconfig?: string } | undefined,
  dataDirectory: string,
): Promise<string | undefined> {
  const path = gone?.kubeconfig;
  if (path === undefined) return undefined;
  return (await removeFromKubeconfig(host, { path, dataDirectory })) ? path : undefined;
}

async function change(
  host: KubeconfigHost,
  { path }: KubeconfigPlace,
  choose: (config: Kubeconfig) => readonly KubeconfigEdit[],
  options: { readonly isDryRun?: boolean } = {},
): Promise<readonly string[]> {
  const location = { files: [path], source: 'explicit' } as const;
  try {
    return (await editKubeconfig(host, location, choose, options)).written;
  } catch (cause) {
    if (!(cause instanceof KubeconfigError)) throw cause;
    const reasons = cause.issues.map(({ file, field, detail }) =>
      [file === path ? '' : file, field, detail].filter((part) => part !== '').join(': '),
    );
    const message = `cannot change the kubeconfig ${path}: ${reasons.join(', ') || cause.message}`;
    throw new CommandError(`${message}; mend that, or name another file with --kubeconfig`, {
      cause,
    });
  }
}

function additions(
  place: KubeconfigPlace,
  config: Kubeconfig,
  access: AdminAccess,
): readonly KubeconfigEdit[] {
  refuseForeign(place, config);
  const mark = { dataDirectory: place.dataDirectory };
  const previous = previousContext(place, config);
  const set = (
    section: KubeconfigSection,
    fields: EditedFields,
    extension: Mark,
  ): KubeconfigEdit => {
    const extensions = [{ name: markName, extension }];
    return { kind: 'set', section, name: entryName, fields: { ...fields, extensions } };
  };
  const cluster = {
    server: access.url,
    'certificate-authority-data': base64(access.authority),
  };
  const user = {
    'client-certificate-data': base64(access.certificate),
    'client-key-data': new Secret(base64(access.key.reveal())),
  };
  const context = { cluster: entryName, user: entryName };
  const previousMark = previous === undefined ? {} : { previousContext: previous };
  return [
    set('clusters', cluster, mark),
    set('users', user, mark),
    set('contexts', context, { ...mark, ...previousMark }),
    { kind: 'use-context', name: entryName },
  ];
}

function removals(place: KubeconfigPlace, config: Kubeconfig): readonly KubeconfigEdit[] {
  const ours = sections.flatMap((section) =>
    [...config[section].values()]
      .filter((entry) => isMarked(place, entry))
      .map(({ name }): KubeconfigEdit & { kind: 'delete' } => ({ kind: 'delete', section, name })),
  );
  const { currentContext = '' } = config;
  const isCurrent = ours.some(
    (each) => each.section === 'contexts' && each.name === currentContext,
  );
  return isCurrent ? [...ours, leaveContext(place, config)] : ours;
}

function leaveContext(place: KubeconfigPlace, config: Kubeconfig): KubeconfigEdit {
  const previous = previousContext(place, config);
  if (previous === undefined || !config.contexts.has(previous)) {
    return { kind: 'unset-current-context' };
  }
  return { kind: 'use-context', name: previous };
}

/** The context that was current before ours was. */
function previousContext(
  place: KubeconfigPlace,
  { contexts, currentContext = '' }: Kubeconfig,
): string | undefined {
  const current = contexts.get(currentContext);
  if (current === undefined) return undefined;
  return isOurs(place, current) ? markOf(current.value)?.previousContext : current.name;
}

const sections = ['clusters', 'users', 'contexts'] as const;

/** An entry of a kubeconfig, whatever its section. */
interface AnyEntry {
  readonly name: string;
  readonly value: {
    readonly extensions?: readonly { readonly name: string; readonly extension?: unknown }[];
  };
}

function refuseForeign(place: KubeconfigPlace, config: Kubeconfig): void {
  for (const section of sections) {
    const entry: AnyEntry | undefined = config[section].get(entryName);
    if (entry === undefined || isOurs(place, entry)) continue;
    const kind = section.slice(0, -1);
    const { dataDirectory } = markOf(entry.value) ?? {};
    const owner =
      dataDirectory === undefined
        ? 'that this cluster did not make'
        : `of the cluster on ${dataDirectory}`;
    throw new CommandError(
      `cannot add this cluster to ${place.path}: it has a ${kind} named ${entryName} ${owner}; ` +
        `name another file with --kubeconfig, or take it out with ` +
        `\`fairway config delete-${kind} ${entryName} --kubeconfig ${place.path}\``,
    );
  }
}

function isOurs(place: KubeconfigPlace, entry: AnyEntry): boolean {
  return isMarked(place, entry) || (isOwnFile(place) && entry.name === entryName);
}

function isMarked({ dataDirectory }: KubeconfigPlace, { value }: AnyEntry): boolean {
  return markOf(value)?.dataDirectory === dataDirectory;
}

function isOwnFile({ path, dataDirectory }: KubeconfigPlace): boolean {
  return path === defaultKubeconfigPath(dataDirectory);
}

interface Mark {
  readonly dataDirectory?: string;
  readonly previousContext?: string;
}

function markOf({ extensions = [] }: AnyEntry['value']): Mark | undefined {
  const mark = extensions.find(({ name }) => name === markName)?.extension;
  if (typeof mark !== 'object' || mark === null) return undefined;
  const { dataDirectory, previousContext } = mark as Record<keyof Mark, unknown>;
  return {
    ...(typeof dataDirectory === 'string' ? { dataDirectory } : {}),
    ...(typeof previousContext === 'string' ? { previousContext } : {}),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
