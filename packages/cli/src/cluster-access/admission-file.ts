import { dirname, resolve } from 'node:path';
import type { AdmissionConfigurations } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import { FieldReader, fieldErrorText } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { FlagFiles } from './flag-files.ts';

const flag = '--admission-control-config-file';

/** Which admission plugins are told what. */
export interface AdmissionFileOptions {
  /** `--admission-control-config-file`; absent: every plugin does as it does without. */
  readonly path?: string;
  /** Plugins that are on though they are off by default. */
  readonly enabled: readonly string[];
}

/**
 * Reads the file and those that it names.
 *
 * Errors: `CommandError` with the file and all that is wrong with it, or when a plugin cannot do without.
 * Source: apiserver.config.k8s.io/v1 AdmissionConfiguration.
 */
export async function readAdmissionFile(
  host: Pick<Host, 'files' | 'environment'>,
  { path, enabled }: AdmissionFileOptions,
): Promise<AdmissionConfigurations> {
  const files = new FlagFiles(host);
  const read =
    path === undefined
      ? {}
      : await readFile(files, { flag, path }, host.environment.workingDirectory);
  if (enabled.includes('EventRateLimit') && read.EventRateLimit === undefined) {
    const why = 'EventRateLimit has no limits: name a file that gives some';
    throw new CommandError(`cannot use --enable-admission-plugins: ${why} with ${flag}`);
  }
  return read;
}

async function readFile(
  files: FlagFiles,
  file: { readonly flag: string; readonly path: string },
  workingDirectory: string,
): Promise<AdmissionConfigurations> {
  const { parse } = await import('yaml');
  const { readAdmissionConfiguration } = await import('@fairway/apiserver');
  const text = await files.text(file);
  const plugins = await files.parse(file, () => readPlugins(parse(text)));
  // As a kube-apiserver has it: beside the file, not where the server was started.
  const folder = dirname(resolve(workingDirectory, file.path));
  let read: AdmissionConfigurations = {};
  for (const { name, path, configuration } of plugins) {
    const place = path === undefined ? file : { flag, path: resolve(folder, path) };
    const own = path === undefined ? '' : await files.text(place);
    read = await files.parse(place, () => ({
      ...read,
      ...readAdmissionConfiguration(name, path === undefined ? configuration : parse(own)),
    }));
  }
  return read;
}

interface ConfiguredPlugin {
  readonly name: string;
  /** Of a file with the configuration, where it is not here. */
  readonly path?: string;
  readonly configuration?: unknown;
}

const apiVersions: readonly unknown[] = ['v1', 'v1alpha1'].map(
  (version) => `apiserver.config.k8s.io/${version}`,
);

/** Errors: `Error` with all that is wrong. */
function readPlugins(document: unknown): readonly ConfiguredPlugin[] {
  const reader = new FieldReader();
  const root = reader.object('', document, ['apiVersion', 'kind', 'plugins']);
  if (!apiVersions.includes(root['apiVersion']) || root['kind'] !== 'AdmissionConfiguration') {
    const wanted = `apiVersion ${apiVersions.join(' or ')} and kind AdmissionConfiguration`;
    throw new Error(`it has not ${wanted}`);
  }
  const plugins = reader.list('plugins', root['plugins']).map((entry, at): ConfiguredPlugin => {
    const field = `plugins[${at}]`;
    const fields = reader.object(field, entry, ['name', 'path', 'configuration']);
    const name = reader.text(`${field}.name`, fields['name']) ?? '';
    const configuration = fields['configuration'] ?? undefined;
    if (configuration !== undefined) return { name, configuration };
    return { name, path: reader.text(`${field}.path`, fields['path']) ?? '' };
  });
  if (reader.problems.length === 0) return plugins;
  throw new Error(reader.problems.map(fieldErrorText).join('; '));
}
