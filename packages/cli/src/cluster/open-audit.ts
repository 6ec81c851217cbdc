import { resolve } from 'node:path';
import type { AuditBackend, AuditOptions, LostEvents } from '@fairway/apiserver';
import {
  AuditLog,
  BatchedEvents,
  readAuditPolicy,
  sendToWebhook,
  truncateEvents,
} from '@fairway/apiserver/audit';
import { DisposalStack, type Host, type RotatedFile, messageOf } from '@fairway/host';
import { FlagFiles } from '../cluster-access/flag-files.ts';
import { openKubeconfigWebhook } from '../cluster-access/kubeconfig-webhook.ts';
import { CommandError } from '../command-error.ts';
import type { AuditChoice, AuditDelivery } from '../server-flags/audit-flags.ts';

/** An audit log that is open. Closing it writes and sends what waits. */
export interface OpenAudit extends AsyncDisposable {
  readonly options: AuditOptions;
}

/**
 * Opens what an audit log is written and sent to.
 *
 * Errors: `CommandError` for files that cannot be used, `KubeconfigError`.
 */
export async function openAudit(host: Host, choice: AuditChoice): Promise<OpenAudit> {
  const policy = await new FlagFiles(host).read(
    '--audit-policy-file',
    choice.policyFile,
    readAuditPolicy,
  );
  if (policy === undefined) throw new Error('an audit log has a policy');
  await using opened = new DisposalStack();
  const lost = new CountedLosses(host);
  const backends: AuditBackend[] = [];
  if (choice.log !== undefined) backends.push(opened.use(await openLog(host, choice.log, lost)));
  if (choice.webhook !== undefined) {
    backends.push(opened.use(await openWebhook(host, choice.webhook, lost)));
  }
  const open = opened.move();
  return {
    options: { policy, backends, lostEvents: lost.counts },
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

async function openLog(
  host: Host,
  log: NonNullable<AuditChoice['log']>,
  lostEvents: LostEvents,
): Promise<AuditBackend> {
  const { mode, batch, format } = log;
  const lines = await openLines(host, log);
  const backend =
    mode === 'batch'
      ? new BatchedEvents(
          { ...batch, sendingMax: 1 },
          {
            clock: host.clock,
            plugin: 'log',
            lostEvents,
            send: async (events) => lines.append(events.map((each) => each.line(format)).join('')),
            close: async () => lines[Symbol.asyncDispose](),
          },
        )
      : new AuditLog({ lines, format, mode, lostEvents });
  return truncated(backend, log, { plugin: 'log', lostEvents });
}

async function openLines(
  { files, logger, environment }: Host,
  { path, rotation }: NonNullable<AuditChoice['log']>,
): Promise<RotatedFile> {
  const onFailure = (error: unknown): void =>
    logger.warn('old audit logs could not be put away', { path, error });
  try {
    const place = path === '-' ? path : resolve(environment.workingDirectory, path);
    return await files.openLines(place, { ...rotation, onFailure });
  } catch (cause) {
    throw new CommandError(`cannot use --audit-log-path ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** How many lists are on their way at the same time. */
const listsSendingMax = 4;

async function openWebhook(
  host: Host,
  webhook: NonNullable<AuditChoice['webhook']>,
  lostEvents: LostEvents,
): Promise<AuditBackend> {
  const { configFile, firstBackoffMs, mode, batch, truncation } = webhook;
  const connection = await openKubeconfigWebhook(host, configFile);
  const stopping = new AbortController();
  const send = sendToWebhook({
    ...host,
    send: connection.send,
    firstBackoffMs,
    stopping: stopping.signal,
    ...(truncation && { listBytesMax: truncation.listBytesMax }),
  });
  const close = async (): Promise<void> => connection[Symbol.asyncDispose]();
  const backend: AuditBackend =
    mode === 'batch'
      ? new BatchedEvents(
          { ...batch, sendingMax: listsSendingMax },
          { clock: host.clock, plugin: 'webhook', lostEvents, send, close },
        )
      : {
          take: (event) =>
            send([event]).then(
              () => true,
              (error: unknown) => {
                lostEvents.lost('webhook', 1, error);
                return mode !== 'blocking-strict';
              },
            ),
          [Symbol.asyncDispose]: close,
        };
  return stopFirst(truncated(backend, webhook, { plugin: 'webhook', lostEvents }), stopping);
}

/** What has failed is not tried again once the server stops. */
function stopFirst(backend: AuditBackend, stopping: AbortController): AuditBackend {
  return {
    take: (event) => backend.take(event),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await backend[Symbol.asyncDispose]();
    },
  };
}

function truncated(
  backend: AuditBackend,
  { truncation }: AuditDelivery,
  parts: { readonly plugin: string; readonly lostEvents: LostEvents },
): AuditBackend {
  return truncation === undefined ? backend : truncateEvents(backend, { ...truncation, ...parts });
}

/** Between two lines of the log about events of one place that are lost. */
const tellAgainMs = 10_000;

/** Counts events that are lost, and warns of them now and then. */
class CountedLosses implements LostEvents {
  readonly counts = new Map<string, number>();
  readonly #host: Pick<Host, 'clock' | 'logger'>;
  readonly #toldMs = new Map<string, number>();

  constructor(host: Pick<Host, 'clock' | 'logger'>) {
    this.#host = host;
  }

  lost(plugin: string, count: number, error: unknown): void {
    const sum = (this.counts.get(plugin) ?? 0) + count;
    this.counts.set(plugin, sum);
    const { clock, logger } = this.#host;
    const nowMs = clock.elapsed();
    if (nowMs - (this.#toldMs.get(plugin) ?? -Infinity) < tellAgainMs) return;
    this.#toldMs.set(plugin, nowMs);
    logger.error('audit events are lost', { place: plugin, lostSoFar: sum, error });
  }
}
