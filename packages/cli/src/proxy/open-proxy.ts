import type { Authenticator } from '@fairway/access';
import { DisposalStack, type Logger, timeLimit } from '@fairway/host';
import { collectBody, parseDuration } from '@fairway/protocol';
import {
  type ProxyOptions,
  type RunningProxy,
  answerOrigins,
  createProxy,
  requireCallers,
} from '@fairway/proxy';
import { addressesOf } from '@fairway/client';
import type { Transport } from '@fairway/client/connect';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { attempt } from '../flag-values.ts';
import { type AcceptFlags, acceptRules, acceptedOrigins } from './accept-flags.ts';
import { callersOf } from './caller-tokens.ts';
import { contextClusters, refuseFlagsOfOneCluster } from './context-clusters.ts';
import { type FenceFlags, fenceOf } from './fence-flags.ts';
import { flagWarnings } from './flag-warnings.ts';
import type { ListenFlags } from './listen-flags.ts';
import { type ProxiedClusterFlags, openProxiedCluster } from './proxied-cluster.ts';

/** The flags that may change while a proxy runs. */
export interface OpenProxyFlags extends ProxiedClusterFlags, FenceFlags, AcceptFlags {
  readonly apiPrefix: string;
  readonly www: string;
  readonly wwwPrefix: string;
  readonly keepalive: string;
  readonly allowImpersonation?: boolean;
  readonly tokenFile?: string;
  readonly clusters?: readonly string[];
  readonly serviceHosts: boolean;
}

export interface OpenProxyParts {
  readonly logger: Logger;
  /** Where it is served, whatever its other flags become. */
  readonly place: Pick<ListenFlags, 'address' | 'unixSocket'>;
  /** What is told of what passes, in a cluster with this namespace to work in. */
  readonly recorder: (namespace: string) => Promise<ProxyOptions['onAnswered']>;
}

/** A proxy that is ready to be served. */
export interface OpenedProxy extends RunningProxy {
  /** Undefined when the cluster answers; otherwise why it does not. */
  readonly clusterProblem: (signal: AbortSignal) => Promise<string | undefined>;
  /** What may be a mistake in the flags. */
  readonly warnings: readonly string[];
}

/** Makes the proxy that flags describe. Errors: `CommandError`, `KubeconfigError`. */
export async function openProxy(
  context: Pick<CommandContext, 'host' | 'output'>,
  flags: OpenProxyFlags,
  { logger, recorder, place }: OpenProxyParts,
): Promise<OpenedProxy> {
  const { host } = context;
  const { tokenFile, clusters: named } = flags;
  if (named !== undefined) refuseFlagsOfOneCluster(flags);
  const rules = acceptRules(flags);
  const origins = acceptedOrigins(flags);
  const keepAliveMs = keepAliveOf(flags.keepalive);
  const { fence, warnings: fenceWarnings } = await fenceOf(flags);
  const warnings = [...(await flagWarnings(host.files, { ...flags, ...place })), ...fenceWarnings];
  const callers: Authenticator | undefined =
    tokenFile === undefined ? undefined : await callersOf(host, logger, tokenFile);
  await using opening = new DisposalStack();
  const { target, transport } = await openProxiedCluster(context, flags);
  opening.use(transport);
  const onAnswered = await recorder(target.namespace);
  const clusters =
    named === undefined
      ? {}
      : {
          clusters: await contextClusters(
            context,
            { ...flags, clusters: named },
            // They are opened when `opening` has been moved.
            opening.use(new DisposalStack()),
          ),
        };
  const proxy = attempt('--www-prefix', () =>
    createProxy({
      transport,
      rules,
      logger,
      fence,
      onAnswered,
      keepAliveMs,
      servers: addressesOf(target),
      apiPrefix: flags.apiPrefix,
      ...(flags.www === '' ? {} : { files: { directory: flags.www, prefix: flags.wwwPrefix } }),
      mayImpersonate: flags.allowImpersonation === true,
      ...(flags.serviceHosts ? { hosts: host } : {}),
      ...clusters,
    }),
  );
  opening.use(proxy);
  const opened = opening.move();
  return {
    ...answerOrigins(origins, requireCallers(callers, proxy)),
    clusterProblem: (signal) => problemOf(transport, host.clock, signal),
    warnings,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** How long the cluster may take to say that it is ready. */
const answerMsMax = 2_000;

async function problemOf(
  { send }: Transport,
  clock: CommandContext['host']['clock'],
  caller: AbortSignal,
): Promise<string | undefined> {
  const late = (): Error => new Error(`it has not answered for ${answerMsMax} ms`);
  using limit = timeLimit(clock, answerMsMax, { late, signal: caller });
  const { signal } = limit;
  const request = { method: 'GET', path: '/readyz', query: '', headers: {}, body: undefined };
  const { status, body } = await send({ ...request, signal });
  await collectBody(body);
  // Whoever may not ask is answered, too.
  return status < 500 ? undefined : `it answers ${status}`;
}

/** The default of Go's dialer, which kubectl uses. */
const keepAliveDefaultMs = 15_000;

function keepAliveOf(text: string): number | undefined {
  if (text === '0' || text === '0s') return keepAliveDefaultMs;
  if (text.startsWith('-')) return undefined;
  const durationMs = parseDuration(text);
  if (durationMs === undefined) {
    throw new CommandError(
      `cannot use --keepalive ${JSON.stringify(text)}: write a time such as 30s`,
    );
  }
  return durationMs;
}
