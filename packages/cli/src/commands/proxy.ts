import { DisposalStack, messageOf, untilAborted } from '@fairway/host';
import { type ClusterTarget, addressesOf } from '@fairway/client';
import {
  type AcceptRules,
  type ProxyOptions,
  type RunningProxy,
  createProxy,
} from '@fairway/proxy';
import { type ListenAddress, type ListenOptions, type Listener, listen } from '@fairway/serving';
import { hostPort, parseDuration } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { attempt, listenPort } from '../flag-values.ts';
import { withListenRemedy } from '../listen-remedy.ts';
import { lineLogger } from '../output/line-logger.ts';
import { contextClusters } from '../proxy/context-clusters.ts';
import { type FenceFlags, fenceOf } from '../proxy/fence-flags.ts';
import { type ProxiedClusterFlags, openProxiedCluster } from '../proxy/proxied-cluster.ts';
import { type RecordingFlags, openRecording } from '../recording/recording-flags.ts';

export interface ProxyFlags extends ProxiedClusterFlags, FenceFlags, RecordingFlags {
  readonly port: string;
  readonly address: string;
  readonly acceptHosts: string;
  readonly acceptPaths: string;
  readonly acceptOrigins: string;
  readonly rejectPaths: string;
  readonly rejectMethods: string;
  readonly apiPrefix: string;
  readonly www: string;
  readonly wwwPrefix: string;
  readonly unixSocket: string;
  readonly disableFilter?: boolean;
  readonly keepalive: string;
  readonly allowImpersonation?: boolean;
  readonly clusters?: readonly string[];
  readonly serviceHosts: boolean;
}

/** How long requests may go on after somebody asked for an end. */
const graceMs = 1_000;

/** Serves the API of a cluster in the clear on this machine, in the user's name. */
export async function proxy(context: CommandContext, flags: ProxyFlags): Promise<void> {
  const { host, output, signal } = context;
  const address = listenAddress(flags);
  const rules = flags.disableFilter === true ? undefined : acceptRules(flags);
  const { fence, warnings } = await fenceOf(flags);
  const logger = lineLogger(output, host.clock);
  await using opened = new DisposalStack();
  const { target, transport } = await openProxiedCluster(context, flags);
  opened.use(transport);
  const { namespace } = target;
  const recording = await openRecording({ host, logger, namespace }, flags);
  if (recording !== undefined) opened.use(recording);
  const { clusters: named } = flags;
  const { handler, upgradeHandler } = opened.use(
    makeProxy(flags, {
      transport,
      target,
      rules,
      logger,
      fence,
      onAnswered: recording?.onAnswered,
      ...(flags.serviceHosts ? { hosts: host } : {}),
      ...(named === undefined
        ? {}
        : { clusters: await contextClusters(context, { ...flags, clusters: named }, opened) }),
    }),
  );
  await using listener = await startListening({
    ...address,
    handler,
    upgradeHandler,
    logger,
    clock: host.clock,
  });
  await warn(context, flags);
  for (const text of warnings) await output.writeError(`Warning: ${text}\n`);
  await output.write(`Starting to serve on ${placeOf(listener)}\n`);
  await untilAborted(signal);
  await listener.close({ graceMs });
}

async function startListening(options: ListenOptions): Promise<Listener> {
  try {
    return await listen(options);
  } catch (error) {
    throw 'path' in options ? error : withListenRemedy(error, '--port 0');
  }
}

function makeProxy(
  flags: ProxyFlags,
  {
    target,
    ...parts
  }: Omit<ProxyOptions, 'servers' | 'apiPrefix' | 'files' | 'mayImpersonate' | 'keepAliveMs'> & {
    readonly target: ClusterTarget;
  },
): RunningProxy {
  return attempt('--www-prefix', () =>
    createProxy({
      ...parts,
      servers: addressesOf(target),
      apiPrefix: flags.apiPrefix,
      ...(flags.www === '' ? {} : { files: { directory: flags.www, prefix: flags.wwwPrefix } }),
      mayImpersonate: flags.allowImpersonation === true,
      keepAliveMs: keepAliveOf(flags.keepalive),
    }),
  );
}

function listenAddress({ unixSocket, port, address }: ProxyFlags): ListenAddress {
  if (unixSocket !== '') {
    if (port !== '8001') {
      throw new CommandError('cannot set --unix-socket and --port at the same time');
    }
    return { path: unixSocket, mode: 0o600 };
  }
  return { host: address.replace(/^\[(.*)\]$/, '$1'), port: listenPort(port) };
}

function acceptRules(flags: ProxyFlags): AcceptRules {
  return {
    acceptHosts: expressions('--accept-hosts', flags.acceptHosts),
    acceptPaths: expressions('--accept-paths', flags.acceptPaths),
    acceptOrigins: expressions('--accept-origins', flags.acceptOrigins),
    rejectPaths: expressions('--reject-paths', flags.rejectPaths),
    rejectMethods: expressions('--reject-methods', flags.rejectMethods),
  };
}

function expressions(flag: string, list: string): readonly RegExp[] {
  if (list === '') return [];
  return list.split(',').map((text) => {
    try {
      return new RegExp(text);
    } catch (cause) {
      const why = messageOf(cause);
      throw new CommandError(
        `cannot use ${flag}: ${why}; write regular expressions, separated by commas`,
        { cause },
      );
    }
  });
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

async function warn({ host, output }: CommandContext, flags: ProxyFlags): Promise<void> {
  if (flags.www !== '' && (await host.files.stat(flags.www))?.isDirectory !== true) {
    await output.writeError(`Warning: there is no folder ${flags.www} to serve files from\n`);
  }
  if (flags.disableFilter === true && flags.unixSocket === '') {
    await output.writeError(
      'Warning: the filter is off: every web page that you open can use this proxy in your name\n',
    );
  }
  const isOpen = /^(\[?::\]?|0\.0\.0\.0)$/.test(flags.address) && flags.unixSocket === '';
  if (isOpen) {
    await output.writeError(
      `Warning: ${flags.address} means every network of this machine: whoever reaches it acts in your name\n`,
    );
  }
}

function placeOf({ address }: Listener): string {
  return 'path' in address ? address.path : hostPort(address.host, address.port);
}
