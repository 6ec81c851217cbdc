import { DisposalStack, type Logger, untilAborted } from '@fairway/host';
import {
  type Observer,
  type RequestLogFormat,
  SwitchedProxy,
  answerProxyHealth,
  countRequests,
  endWatches,
  logRequests,
  observeRequests,
} from '@fairway/proxy';
import { type ListenOptions, type Listener, listen } from '@fairway/serving';
import { Metrics, tellOfProcess } from '@fairway/serving/metrics';
import { hostPort } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { withListenRemedy } from '../listen-remedy.ts';
import { lineLogger } from '../output/line-logger.ts';
import type { LayeredFlags } from '../proxy/flags-file.ts';
import {
  type ListenFlags,
  checkSocketFolder,
  drainMsOf,
  healthAddress,
  listenAddress,
} from '../proxy/listen-flags.ts';
import { type OpenProxyFlags, type OpenedProxy, openProxy } from '../proxy/open-proxy.ts';
import { ReloadedProxy, readFlags, withPinnedContext } from '../proxy/reload-proxy.ts';
import { type EndSignals, endSignals } from '../proxy/end-signals.ts';
import { requestLines } from '../proxy/request-lines.ts';
import { type RecordingFlags, openRecording } from '../recording/recording-flags.ts';

export interface ProxyFlags extends OpenProxyFlags, ListenFlags, RecordingFlags {
  readonly requestLog?: RequestLogFormat;
  readonly config?: string;
}

/** What counts from the start of a proxy to its end, whatever a file of flags says later. */
const fixedFlags: readonly (keyof ProxyFlags)[] = [
  'port',
  'address',
  'unixSocket',
  'healthAddress',
  'drainTimeout',
  'requestLog',
  'record',
  'recordFor',
  'recordNames',
];

/** Serves the API of a cluster in the clear on this machine, in the user's name. */
export async function proxy(
  context: CommandContext,
  typed: ProxyFlags,
  layered: LayeredFlags<ProxyFlags>,
): Promise<void> {
  const { host, output } = context;
  const { config } = typed;
  const flags =
    config === undefined
      ? typed
      : await withPinnedContext(context, await readFlags(context, config, layered));
  const address = listenAddress(flags);
  const drainMs = drainMsOf(flags);
  await checkSocketFolder(host.files, address);
  const logger = lineLogger(output, host.clock);
  await using running = new DisposalStack();
  const recorder = recorderOf(context, { flags, logger, running });
  const parts = { logger, recorder, place: flags };
  let opened = await openProxy(context, flags, parts);
  const switched = running.use(new SwitchedProxy(opened));
  const ending = endSignals(context, { reloads: config !== undefined });
  running.defer(() => ending[Symbol.dispose]());
  if (config !== undefined) {
    const reloaded = new ReloadedProxy(context, {
      path: config,
      layered,
      flags,
      fixed: fixedFlags,
      logger,
      proxy: switched,
      open: (next) => openProxy(context, next, parts),
      onOpened: (next) => (opened = next),
    });
    running.use(reloaded);
    ending.onReload(() => reloaded.reload());
  }
  const metrics = new Metrics();
  const served = config === undefined ? opened : switched;
  const observed = observeRequests(
    observersOf(context, { flags, metrics }),
    host.clock,
    endWatches(ending.signal, served),
  );
  const health = await serveHealth(context, {
    flags,
    logger,
    ending,
    metrics,
    opened: () => opened,
  });
  if (health !== undefined) running.use(health);
  await using listener = await startListening({
    ...address,
    handler: observed.handler,
    upgradeHandler: observed.upgradeHandler,
    logger,
    clock: host.clock,
  });
  for (const text of opened.warnings) await output.writeError(`Warning: ${text}\n`);
  await output.write(`Starting to serve on ${placeOf(listener)}\n`);
  if (health !== undefined) await output.writeError(`Health and metrics on ${health.url}/-/\n`);
  await untilAborted(ending.signal);
  await listener.close({ graceMs: drainMs });
}

async function startListening(options: ListenOptions): Promise<Listener> {
  try {
    return await listen(options);
  } catch (error) {
    throw 'path' in options ? error : withListenRemedy(error, '--port 0');
  }
}

/** One recording for as long as the proxy runs, however often it is made anew. */
function recorderOf(
  { host }: CommandContext,
  {
    flags,
    logger,
    running,
  }: { readonly flags: ProxyFlags; readonly logger: Logger; readonly running: DisposalStack },
) {
  let opening: ReturnType<typeof openRecording> | undefined;
  return async (namespace: string) => {
    opening ??= openRecording({ host, logger, namespace }, flags).then((recording) => {
      if (recording !== undefined) running.use(recording);
      return recording;
    });
    return (await opening)?.onAnswered;
  };
}

function observersOf(
  { host, output }: CommandContext,
  { flags, metrics }: { readonly flags: ProxyFlags; readonly metrics: Metrics },
): readonly Observer[] {
  const { requestLog, healthAddress: address } = flags;
  return [
    ...(requestLog === undefined
      ? []
      : [logRequests(requestLog, host.clock, requestLines(output))]),
    // Nobody else can read them.
    ...(address === undefined ? [] : [countRequests(metrics)]),
  ];
}

async function serveHealth(
  { host }: CommandContext,
  {
    flags,
    logger,
    ending,
    metrics,
    opened,
  }: {
    readonly flags: ProxyFlags;
    readonly logger: Logger;
    readonly ending: EndSignals;
    readonly metrics: Metrics;
    readonly opened: () => OpenedProxy;
  },
): Promise<Listener | undefined> {
  const address = healthAddress(flags);
  if (address === undefined) return undefined;
  const { figures } = host.processes;
  if (figures !== undefined) tellOfProcess(metrics, figures);
  const handler = answerProxyHealth({
    isEnding: () => ending.signal.aborted,
    clusterProblem: (signal) => opened().clusterProblem(signal),
    metrics,
  });
  try {
    return await listen({ ...address, handler, logger, clock: host.clock });
  } catch (error) {
    throw withListenRemedy(error, '--health-address 127.0.0.1:0');
  }
}

function placeOf({ address }: Listener): string {
  return 'path' in address ? address.path : hostPort(address.host, address.port);
}
