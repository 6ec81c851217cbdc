import { dirname } from 'node:path';
import type { Files } from '@fairway/host';
import {
  type AdminAccess,
  type KubeconfigHost,
  type KubeconfigPlace,
  base64,
  entryName,
  markName,
} from './kubeconfig-place.ts';

/** As `config` commands leave a file whose last entry they took out. */
const emptied = 'apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\n';
const ownerWrites = 0o200;
const anyAccess = { url: '', authority: '', certificate: '', key: '' };

/**
 * Writes the entries of a cluster to a file that holds nothing else: one that is missing or empty,
 * or that the cluster wrote alone before. Such a file can be told by its text, so that a start need
 * not load what reads and changes YAML: a tenth of its CPU and 4 MB.
 *
 * Answers false, and changes nothing, when it is any other file or somebody is changing it. Without
 * `access` it only looks.
 */
export async function writeSoleKubeconfig(
  { files }: KubeconfigHost,
  place: KubeconfigPlace,
  access?: AdminAccess,
): Promise<boolean> {
  if (!isPlain(place.dataDirectory)) return false;
  try {
    await files.makeDirectory(dirname(place.path), { mode: 0o755 });
    // The lock file that kubectl takes.
    const lock = `${place.path}.lock`;
    if (!(await files.createExclusively(lock, new Uint8Array(), { mode: 0o600 }))) return false;
    try {
      return await writeUnlessOthers(files, place, access);
    } finally {
      await files.remove(lock);
    }
  } catch {
    return false; // The other way meets the same failure, and says what it is.
  }
}

async function writeUnlessOthers(
  files: Files,
  place: KubeconfigPlace,
  access: AdminAccess | undefined,
): Promise<boolean> {
  const known = await readSole(files, place);
  if (known === undefined) return false;
  if (access === undefined) return true;
  const text = textOf(place, { ...access, key: access.key.reveal() });
  if (known.text !== text) {
    await files.write(place.path, new TextEncoder().encode(text), { mode: known.mode });
  }
  return true;
}

/** The file, when nobody else's words are in it. */
async function readSole(
  files: Files,
  place: KubeconfigPlace,
): Promise<{ readonly text: string; readonly mode: number } | undefined> {
  const facts = await files.stat(place.path);
  if (facts === undefined) return { text: '', mode: 0o600 };
  const { mode, isDirectory, sizeBytes } = facts;
  if (isDirectory || sizeBytes > soleBytesMax || (mode & ownerWrites) === 0) return undefined;
  const text = new TextDecoder().decode(await files.read(place.path, { bytesMax: soleBytesMax }));
  const isSole = text === emptied || withoutValues(text) === textOf(place, anyAccess);
  return isSole ? { text, mode } : undefined;
}

/** Larger ones hold more than one cluster. */
const soleBytesMax = 64 * 1024;

function withoutValues(text: string): string {
  return text.replace(
    /^( {4}(?:server|certificate-authority-data|client-certificate-data|client-key-data):) [\w./:+=[\]-]+$/gm,
    '$1 ',
  );
}

/** Whether it means itself in YAML without quotes. Shorter ones might be words of YAML. */
function isPlain(path: string): boolean {
  return /^\/[\w./-]{5,}$/.test(path);
}

function textOf(
  { dataDirectory }: KubeconfigPlace,
  { url, authority, certificate, key }: Record<keyof AdminAccess, string>,
): string {
  const owned = `    extensions:
    - name: ${markName}
      extension:
        dataDirectory: ${dataDirectory}
  name: ${entryName}
`;
  return `apiVersion: v1
kind: Config
clusters:
- cluster:
    server: ${url}
    certificate-authority-data: ${base64(authority)}
${owned}users:
- user:
    client-certificate-data: ${base64(certificate)}
    client-key-data: ${base64(key)}
${owned}contexts:
- context:
    cluster: ${entryName}
    user: ${entryName}
${owned}current-context: ${entryName}
`;
}
