import { dirname } from 'node:path';
import { type AnsweredRequest, type ServiceAccountName } from '@fairway/access';
import type { Host, Logger } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import { namedFile } from '../flag-values.ts';

/** Reads `NAMESPACE/NAME` of a service account. Errors: `CommandError` that names the flag. */
export function readServiceAccount(flag: string, text: string): ServiceAccountName {
  const [, namespace, name] = /^([-a-z0-9.]+)\/([-a-z0-9.]+)$/.exec(text) ?? [];
  if (namespace !== undefined && name !== undefined) return { namespace, name };
  throw new CommandError(
    `cannot use ${flag} ${JSON.stringify(text)}: write it as NAMESPACE/NAME, as in shop/deployer`,
  );
}

/** The flags of `proxy` that record what passes. */
export interface RecordingFlags {
  readonly record?: string;
  readonly recordFor?: string;
  readonly recordNames: string;
}

/** A recording that is under way; disposing of it ends it. */
export interface OpenRecording extends AsyncDisposable {
  readonly onAnswered: (request: AnsweredRequest) => void;
}

/** Begins the recording that flags ask for; undefined when they ask for none. Errors: `CommandError`. */
export async function openRecording(
  {
    host,
    logger,
    namespace,
  }: {
    readonly host: Pick<Host, 'files' | 'clock'>;
    readonly logger: Logger;
    readonly namespace: string;
  },
  flags: RecordingFlags,
): Promise<OpenRecording | undefined> {
  const { record: path, recordFor } = flags;
  if (path === undefined) {
    if (recordFor === undefined) return undefined;
    throw new CommandError('--record-for says for whom roles are recorded; give --record FILE too');
  }
  const folder = dirname(path);
  if ((await host.files.stat(folder))?.isDirectory !== true) {
    throw new CommandError(
      `cannot use --record ${JSON.stringify(path)}: there is no folder ${folder}`,
    );
  }
  const account =
    recordFor === undefined
      ? { namespace, name: 'recorded' }
      : readServiceAccount('--record-for', recordFor);
  const { Recording } = await import('./recording.ts');
  const recording = await Recording.open(host, logger, {
    path: namedFile(path),
    keepsNames: flags.recordNames === 'keep',
    subject: { kind: 'ServiceAccount', ...account },
  });
  return {
    onAnswered: (request) => recording.take(request),
    [Symbol.asyncDispose]: () => recording[Symbol.asyncDispose](),
  };
}
