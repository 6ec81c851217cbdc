import { ApiError } from '@fairway/protocol';
import { CommandError } from './command-error.ts';
import { spellCommands } from './command-spelling.ts';
import type { Output } from './output/output.ts';

/**
 * Tells the user why a command failed, each failure in one line and what belongs to it below: the only place that
 * does. Answers
 * the exit code. Commands in it are spelled as this user types `command`.
 */
export async function reportFailure(
  { output, command }: { readonly output: Output; readonly command: string },
  error: unknown,
): Promise<number> {
  const failures: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  for (const each of failures) {
    const [first, ...more] = describe(each).map(oneLine);
    const lines = [first, ...more.map((line) => `  ${line}`)];
    await output.writeError(
      lines.map((line) => `${spellCommands(line ?? '', command)}\n`).join(''),
    );
  }
  return 1;
}

/** Whether the message alone says what, why and the remedy, so that a stack adds nothing. */
export function explainsItself(error: Error): boolean {
  return error instanceof ApiError || selfExplaining.has(error.name);
}

/** Errors whose message was written for a user: it says what, why, and the remedy. */
const selfExplaining = new Set([
  'CommandError',
  'ConnectionError',
  'KubeconfigError',
  'ListenError',
  'CertificateError',
  'ExecPluginError',
  'FileTooLargeError',
  'ImageError',
  'JoinError',
  'OidcError',
  'ServiceAccountKeyError',
  'StoreUnavailableError',
]);

/** What is said of a failure, and what below. */
function describe(error: unknown): readonly string[] {
  if (error instanceof ApiError) return describeRefusal(error);
  if (!(error instanceof Error)) return [`error: ${String(error)}`];
  if (error instanceof CommandError) return [`error: ${error.message}`, ...error.lines];
  if (selfExplaining.has(error.name)) return [`error: ${error.message}`];
  const remedy = 'code' in error ? remedies[String(error.code)] : undefined;
  if (remedy !== undefined) return [`error: ${error.message}; ${remedy}`];
  return [`error: ${error.message} (unexpected: ${placeOf(error)})`];
}

// The words of kubectl, which people search for.
function describeRefusal(error: ApiError): readonly string[] {
  if (error.code === 401) return ['error: You must be logged in to the server (Unauthorized)'];
  const invalid = describeInvalid(error);
  if (invalid !== undefined) return invalid;
  const reason = error.reason === '' ? '' : ` (${error.reason})`;
  return [`Error from server${reason}: ${error.message}`];
}

/** What is wrong with an object, field by field. */
function describeInvalid({ reason, status }: ApiError): readonly string[] | undefined {
  const { kind = '', name = '', causes = [] } = status.details ?? {};
  if (reason !== 'Invalid' || kind === '' || causes.length === 0) return undefined;
  const head = `The ${kind} ${JSON.stringify(name)} is invalid:`;
  const faults = causes.map(({ field = '', message = '' }) =>
    field === '' ? message : `${field}: ${message}`,
  );
  return faults.length === 1
    ? [`${head} ${faults[0]}`]
    : [head, ...faults.map((each) => `* ${each}`)];
}

/** What to do about an error of the system that no one explained before. */
const remedies: Readonly<Record<string, string>> = {
  EACCES: 'check the permissions of the file and its folder, or name another one',
  EPERM: 'check the permissions of the file and its folder, or name another one',
  EROFS: 'the file system is read-only; name a folder on another one',
  ENOSPC: 'the disk is full; make room, or name a folder on another one',
  EDQUOT: 'your disk quota is used up; make room, or name a folder on another file system',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
  EEXIST: 'a file is where a folder is needed; move it, or name another folder',
  ENOTDIR: 'a part of the path is a file; name a folder',
  EISDIR: 'it is a folder; name a file',
  ENAMETOOLONG: 'choose a shorter path',
};

function placeOf(error: Error): string {
  const frame = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at '));
  return `${error.name} ${frame?.trim() ?? ''}`.trim();
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}
