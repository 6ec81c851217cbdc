import { isAlreadyExists, isNotFound } from '@fairway/client';
import type { ConnectedClient } from '@fairway/client/connect';
import type { Random } from '@fairway/host';
import { Secret } from '@fairway/kinds/core/v1';
import {
  type BootstrapTokenParts,
  bootstrapTokenSecretName,
  bootstrapTokens,
  formatDuration,
  formatTime,
  parseBootstrapToken,
  parseDuration,
  parseTime,
} from '@fairway/protocol';
import { joiningGroup } from '../cluster/join-roles.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { ColumnWidths } from '../output/column-widths.ts';

export interface CreateTokenFlags extends ClusterFlags {
  readonly ttl: string;
  readonly usages?: readonly string[];
  readonly groups?: readonly string[];
  readonly description?: string;
  readonly printJoinCommand?: boolean;
}

const { namespace, type } = bootstrapTokens;
const usages = ['authentication', 'signing'];

/** Makes a token by which nodes join, or takes the one that is given, and prints it or what to type with it. */
export async function createBootstrapToken(
  context: CommandContext,
  given: string | undefined,
  flags: CreateTokenFlags,
): Promise<void> {
  const { host, output, program, signal } = context;
  const token = given === undefined ? newToken(host.random) : readToken(given);
  const secret = secretOf(token, flags, host.clock.now());
  await using client = await openClient(context, flags);
  try {
    await client.create(Secret, secret, { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const remedy = `delete it with \`fairway token delete ${token.id}\`, or leave the token out for a new one`;
    throw new CommandError(`a token with the ID ${token.id} exists already: ${remedy}`);
  }
  const text = `${token.id}.${token.secret}`;
  if (flags.printJoinCommand !== true) return output.write(`${text}\n`);
  const { joinCommand } = await import('../joining/join-command.ts');
  const { words, warning } = await joinCommand(client, text, signal);
  if (warning !== undefined) await output.writeError(`warning: ${warning}\n`);
  await output.write(`${program.command} ${words.join(' ')}\n`);
}

/** Lists the tokens that there are, with their secrets: who may read these may see them. */
export async function listBootstrapTokens(
  context: CommandContext,
  flags: ClusterFlags,
): Promise<void> {
  const { host, output } = context;
  await using client = await openClient(context, flags);
  const rows = (await tokenSecrets(client)).map((each) => rowOf(each, host.clock.now()));
  const header = ['TOKEN', 'TTL', 'EXPIRES', 'USAGES', 'DESCRIPTION', 'EXTRA GROUPS'];
  if (rows.length > 0) await output.write(new ColumnWidths().align([header, ...rows]));
}

/** Deletes tokens, by their ID or whole. Nodes that have joined with them stay. */
export async function deleteBootstrapTokens(
  context: CommandContext,
  words: readonly string[],
  flags: ClusterFlags,
): Promise<void> {
  const ids = words.map((word) => (/^[a-z0-9]{6}$/.test(word) ? word : readToken(word).id));
  await using client = await openClient(context, flags);
  for (const id of ids) {
    try {
      await client.delete(Secret, bootstrapTokenSecretName(id), { namespace });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new CommandError(`there is no token ${id}; \`fairway token list\` shows all`);
    }
    await context.output.write(`bootstrap token "${id}" deleted\n`);
  }
}

async function tokenSecrets(client: ConnectedClient): Promise<readonly Secret[]> {
  const { items } = await client.list(Secret, { namespace, fieldSelector: `type=${type}` }).all();
  return items;
}

function readToken(text: string): BootstrapTokenParts {
  const token = parseBootstrapToken(text);
  if (token !== undefined) return token;
  // The word may be a secret that was only cut short.
  throw new CommandError(
    'the token is none: it is ID.SECRET, of 6 and 16 letters of a-z and 0-9; leave it out for a new one',
  );
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

function newToken(random: Random): BootstrapTokenParts {
  return { id: randomText(random, 6), secret: randomText(random, 16) };
}

function randomText(random: Random, length: number): string {
  // What is left over at the end would make the first letters likelier than others.
  const fairMax = 256 - (256 % letters.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < fairMax && text.length < length) text += letters[byte % letters.length];
    }
  }
  return text;
}

function secretOf(
  { id, secret }: BootstrapTokenParts,
  { usages: wanted = usages, groups = [joiningGroup], ...flags }: CreateTokenFlags,
  nowMs: number,
): Secret {
  const wrong = wanted.find((each) => !usages.includes(each));
  if (wrong !== undefined) {
    const known = usages.join(', ');
    throw new CommandError(`cannot use --usages ${JSON.stringify(wrong)}: there are ${known}`);
  }
  const ttlMs = parseDuration(flags.ttl);
  if (ttlMs === undefined || ttlMs < 0) {
    const why = 'write 24h0m0s, or 0 for a token that never ends';
    throw new CommandError(`cannot use --ttl ${JSON.stringify(flags.ttl)}: it is no time; ${why}`);
  }
  const wrongGroup = groups.find((each) => !bootstrapGroup.test(each));
  if (wrongGroup !== undefined) {
    const why = 'a group of a token begins with system:bootstrappers:';
    throw new CommandError(`cannot use --groups ${JSON.stringify(wrongGroup)}: ${why}`);
  }
  const { description } = flags;
  return {
    metadata: { name: bootstrapTokenSecretName(id), namespace },
    type,
    stringData: {
      'token-id': id,
      'token-secret': secret,
      ...(ttlMs === 0 ? {} : { expiration: formatTime(nowMs + ttlMs) }),
      ...Object.fromEntries(wanted.map((each) => [`${usagePrefix}${each}`, 'true'])),
      [groupsKey]: groups.join(','),
      ...(description === undefined ? {} : { description }),
    },
  };
}

/** Source: Kubernetes, bootstrap token secret format. */
const usagePrefix = 'usage-bootstrap-';
const groupsKey = 'auth-extra-groups';
const bootstrapGroup = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

function rowOf({ data }: Secret, nowMs: number): readonly string[] {
  const read = (key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString();
  const shown = (text: string): string => (text === '' ? '<none>' : text);
  const expiration = read('expiration');
  const endsMs = parseTime(expiration);
  const leftMs =
    endsMs === undefined ? 0 : Math.max(0, Math.round((endsMs - nowMs) / 1_000) * 1_000);
  const ttl = leftMs === 0 ? '<invalid>' : formatDuration(leftMs);
  return [
    `${read('token-id')}.${read('token-secret')}`,
    expiration === '' ? '<forever>' : ttl,
    expiration === '' ? '<never>' : expiration,
    shown(usages.filter((each) => read(`${usagePrefix}${each}`) === 'true').join(',')),
    shown(read('description')),
    shown(read(groupsKey)),
  ];
}
