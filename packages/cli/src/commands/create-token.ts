import type { TokenRequest, TokenRequestSpec } from '@fairway/kinds/authentication/v1';
import type { Client, DynamicObject } from '@fairway/client';
import { ServiceAccount } from '@fairway/kinds/core/v1';
import { ApiError, parseDuration } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { shown } from '../output/shown-object.ts';
import { parseOutputFormat } from '../output/output-format.ts';

export interface TokenFlags extends ClusterFlags {
  readonly audience: readonly string[];
  readonly duration: string;
  readonly boundObjectKind?: string;
  readonly boundObjectName?: string;
  readonly boundObjectUid?: string;
  readonly output?: string;
}

/** Asks for a token of a service account and prints it. */
export async function createToken(
  context: CommandContext,
  names: readonly string[],
  flags: TokenFlags,
): Promise<void> {
  const { output, signal } = context;
  const [name = ''] = names;
  if (names.length !== 1) {
    throw new CommandError(
      `exactly one NAME is required, got ${names.length}; see \`fairway create token --help\``,
    );
  }
  if (name === '') throw new CommandError('service account name is required');
  const spec = specOf(flags);
  const format = await parseOutputFormat(flags.output);
  await using client = await openClient(context, flags);
  const made = await request(client, name, { spec, signal });
  const { token = '' } = made.status ?? {};
  if (token === '') {
    throw new CommandError('failed to create token: no token in server response');
  }
  if (format.kind === 'document')
    return await output.write(format.format(shown(made as unknown as DynamicObject, false)));
  if (format.kind === 'name') {
    return await output.write(`tokenrequest.authentication.k8s.io/${name}\n`);
  }
  await output.write(output.hasColors ? `${token}\n` : token);
}

async function request(
  client: Client,
  name: string,
  { spec, signal }: { readonly spec: TokenRequestSpec; readonly signal: AbortSignal },
): Promise<TokenRequest> {
  const tokens = client.subresource<TokenRequest>(ServiceAccount, name, 'token');
  const { apiVersion, kind } = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' };
  try {
    return await tokens.create({ apiVersion, kind, spec }, { signal });
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.code === 401) throw cause;
    throw new CommandError(`failed to create token: ${cause.message}`, { cause });
  }
}

function specOf(flags: TokenFlags): TokenRequestSpec {
  const { audience: audiences, boundObjectKind: kind = '', boundObjectName: name = '' } = flags;
  const uid = flags.boundObjectUid ?? '';
  if (audiences.includes('')) throw new CommandError('--audience must not be an empty string');
  checkBoundObject({ kind, name, uid });
  const expirationSeconds = secondsOf(flags.duration);
  return {
    ...(audiences.length === 0 ? {} : { audiences }),
    ...(expirationSeconds === 0 ? {} : { expirationSeconds }),
    ...(kind === ''
      ? {}
      : { boundObjectRef: { kind, apiVersion: 'v1', name, ...(uid === '' ? {} : { uid }) } }),
  };
}

function secondsOf(duration: string): number {
  const ms = parseDuration(duration);
  if (ms === undefined) {
    throw new CommandError(
      `--duration ${JSON.stringify(duration)} is no time: write 10m, 1h30m or 600s`,
    );
  }
  if (ms < 0) throw new CommandError('--duration must be greater than or equal to 0');
  if (ms % 1_000 === 0) return ms / 1_000;
  throw new CommandError('--duration cannot be expressed in units less than seconds');
}

const boundKinds = ['Node', 'Pod', 'Secret'];

function checkBoundObject({
  kind,
  name,
  uid,
}: {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}): void {
  const given = name === '' ? (uid === '' ? undefined : 'uid') : 'name';
  if (kind === '') {
    if (given === undefined) return;
    const why = 'can only be set if --bound-object-kind is provided';
    throw new CommandError(`--bound-object-${given} ${why}`);
  }
  if (!boundKinds.includes(kind)) {
    throw new CommandError(`supported --bound-object-kind values are ${boundKinds.join(', ')}`);
  }
  if (name === '') {
    throw new CommandError('--bound-object-name is required if --bound-object-kind is provided');
  }
}
