import {
  type EditedFields,
  type Kubeconfig,
  type KubeconfigEdit,
  KubeconfigError,
  type KubeconfigSection,
  editKubeconfig,
} from '@fairway/client/kubeconfig';
import { Secret } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import { quotedPath } from '../quoted-path.ts';
import {
  type AdminAccess,
  type KubeconfigHost,
  type KubeconfigPlace,
  base64,
  defaultKubeconfigPath,
  entryName,
  isOwnFile,
  markName,
} from './kubeconfig-place.ts';

/** `addToKubeconfig` for any file. */
export async function addToSharedKubeconfig(
  host: KubeconfigHost,
  place: KubeconfigPlace,
  access: AdminAccess,
): Promise<void> {
  await change(host, place, (config) => additions(place, config, access));
}

/** `checkKubeconfig` for any file. */
export async function checkSharedKubeconfig(
  host: KubeconfigHost,
  place: KubeconfigPlace,
): Promise<void> {
  const access = { url: '', authority: '', certificate: '', key: new Secret('') };
  await change(host, place, (config) => additions(place, config, access), { isDryRun: true });
}

/** `removeFromKubeconfig` for any file. */
export async function removeFromSharedKubeconfig(
  host: KubeconfigHost,
  place: KubeconfigPlace,
): Promise<boolean> {
  const written = await change(host, place, (config) => removals(place, config));
  return written.length > 0;
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

/** Says all of them at once, and what to do about each. */
function refuseForeign(place: KubeconfigPlace, config: Kubeconfig): void {
  const foreign = sections.flatMap((section) => {
    const entry: AnyEntry | undefined = config[section].get(entryName);
    if (entry === undefined || isOurs(place, entry)) return [];
    return [{ kind: section.slice(0, -1), owner: markOf(entry.value)?.dataDirectory }];
  });
  if (foreign.length === 0) return;
  const what = foreign.map(({ kind, owner }) => {
    const whose = owner === undefined ? 'not made by this cluster' : `of the cluster on ${owner}`;
    return `a ${kind} (${whose})`;
  });
  const path = quotedPath(place.path);
  const owners = new Set(foreign.flatMap(({ owner }) => owner ?? []));
  const remedies = [
    `leave --kubeconfig out to use ${defaultKubeconfigPath(place.dataDirectory)}`,
    `name another file, such as --kubeconfig ${quotedPath(`${place.path}.fairway`)}`,
    ...[...owners].map((owner) => `stop it with \`fairway down --data-dir ${quotedPath(owner)}\``),
    `take out ${foreign.length === 1 ? 'the entry' : 'the entries'} with ${foreign
      .map(({ kind }) => `\`fairway config delete-${kind} ${entryName} --kubeconfig ${path}\``)
      .join(', ')}`,
  ];
  throw new CommandError(
    `cannot add this cluster to ${place.path}: under the name ${entryName} it has ${what.join(', ')}; ` +
      `${remedies.slice(0, -1).join(', ')}, or ${remedies.at(-1)}`,
  );
}

function isOurs(place: KubeconfigPlace, entry: AnyEntry): boolean {
  return isMarked(place, entry) || (isOwnFile(place) && entry.name === entryName);
}

function isMarked({ dataDirectory }: KubeconfigPlace, { value }: AnyEntry): boolean {
  return markOf(value)?.dataDirectory === dataDirectory;
}

export interface Mark {
  readonly dataDirectory?: string;
  readonly previousContext?: string;
}

/** Whose an entry is. */
export function markOf({ extensions = [] }: AnyEntry['value']): Mark | undefined {
  const mark = extensions.find(({ name }) => name === markName)?.extension;
  if (typeof mark !== 'object' || mark === null) return undefined;
  const { dataDirectory, previousContext } = mark as Record<keyof Mark, unknown>;
  return {
    ...(typeof dataDirectory === 'string' ? { dataDirectory } : {}),
    ...(typeof previousContext === 'string' ? { previousContext } : {}),
  };
}
