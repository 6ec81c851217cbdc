import {
  AuditLineError,
  type AuditedRequest,
  RecordedRights,
  readAuditLine,
  serviceAccountUsername,
} from '@fairway/access';
import { LineSplitter, LineTooLongError } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { visibleText } from '../output/visible-text.ts';
import { readServiceAccount } from '../recording/recording-flags.ts';
import { formatRoleFile, rightsMax, subjectOf } from '../recording/role-file.ts';

export interface FromAuditFlags {
  readonly user?: string;
  readonly serviceAccount?: string;
  readonly namespace?: string;
  readonly names: string;
}

/** Longer than any event with the objects of a request in it. */
const lineBytesMax = 8 * 1024 * 1024;
/** Of lines that cannot be read, and of users, that are named. */
const namedMax = 10;

/** Prints the least roles that allow what an audit log says somebody did. */
export async function rolesFromAudit(
  context: CommandContext,
  file: string,
  flags: FromAuditFlags,
): Promise<void> {
  const { output } = context;
  const wanted = wantedUser(flags);
  const rights = new RecordedRights({ keepsNames: flags.names === 'keep', rightsMax });
  const users = new Set<string>();
  const malformed: string[] = [];
  let malformedCount = 0;
  for await (const { number, line } of lines(context, file)) {
    const read = readLine(line);
    if (typeof read === 'string') {
      malformedCount += 1;
      if (malformed.length < namedMax) malformed.push(`line ${number}: ${read}`);
    } else if (read !== undefined && isWanted(read, wanted, flags.namespace)) {
      users.add(read.username);
      rights.add(read.answered);
    }
  }
  for (const each of malformed) await output.writeError(`Warning: ${each}; it is left out\n`);
  if (malformedCount > malformed.length) {
    const more = malformedCount - malformed.length;
    await output.writeError(`Warning: ${more} more lines cannot be read, and are left out\n`);
  }
  const [user, ...others] = users;
  if (user === undefined) throw nothingFound(file, flags);
  if (others.length > 0) throw severalUsers(users);
  if (rights.isFull) await output.writeError(`Warning: ${tooMuch}\n`);
  await output.write(
    formatRoleFile({
      rules: [...rights.rights],
      refusals: [...rights.refusals],
      subjects: [subjectOf(user)],
      others: [],
      notes: [`The least roles for what ${JSON.stringify(user)} did, by an audit log.`],
    }),
  );
}

const tooMuch = `more than ${rightsMax} rights were used; those after them are not in the roles; --names drop needs fewer`;

function wantedUser({ user, serviceAccount }: FromAuditFlags): string | undefined {
  if (serviceAccount === undefined) return user;
  if (user !== undefined) {
    throw new CommandError('--user and --service-account name one each; leave out either');
  }
  return serviceAccountUsername(readServiceAccount('--service-account', serviceAccount));
}

function readLine(line: string): AuditedRequest | string | undefined {
  try {
    return readAuditLine(line);
  } catch (error) {
    if (error instanceof AuditLineError) return error.message;
    throw error;
  }
}

function isWanted(
  { username, answered: { target } }: AuditedRequest,
  user: string | undefined,
  namespace: string | undefined,
): boolean {
  if (user !== undefined && username !== user) return false;
  return namespace === undefined || (target.isResource && target.namespace === namespace);
}

/** Those of a file, counted from 1. */
async function* lines(
  { host }: Pick<CommandContext, 'host'>,
  file: string,
): AsyncGenerator<{ readonly number: number; readonly line: string }> {
  const parts = await host.files.readParts(file);
  if (parts === undefined) {
    throw new CommandError(`there is no audit log ${file}; name a file of JSON lines`);
  }
  const splitter = new LineSplitter({ lineBytesMax, keepsBlank: true });
  let number = 0;
  try {
    for await (const part of parts) {
      for (const bytes of splitter.push(part)) {
        number += 1;
        const line = Buffer.from(bytes).toString().trim();
        if (line !== '') yield { number, line };
      }
    }
    const last = Buffer.from(splitter.rest()).toString().trim();
    if (last !== '') yield { number: number + 1, line: last };
  } catch (error) {
    if (!(error instanceof LineTooLongError)) throw error;
    throw new CommandError(
      `line ${number + 1} of ${file} is longer than ${lineBytesMax} bytes: is it an audit log?`,
      { cause: error },
    );
  }
}

function nothingFound(file: string, { user, serviceAccount, namespace }: FromAuditFlags): Error {
  const filters = [user, serviceAccount, namespace].filter((each) => each !== undefined);
  const remedy =
    filters.length === 0
      ? 'check that it is a log of JSON lines with the stage ResponseComplete'
      : 'check the names, or leave out filters';
  return new CommandError(
    `no request in ${file} is of ${filters.join(', ') || 'a user'}; ${remedy}`,
  );
}

function severalUsers(users: ReadonlySet<string>): Error {
  const named = [...users].sort().slice(0, namedMax).map(visibleText);
  const more = users.size > named.length ? `, and ${users.size - named.length} more` : '';
  return new CommandError(
    `the log tells of ${users.size} users, whose roles are not to be one: name one with --user: ${named.join(', ')}${more}`,
  );
}
