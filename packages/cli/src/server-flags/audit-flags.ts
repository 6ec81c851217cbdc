import type { AuditFormat, BatchOptions } from '@fairway/apiserver/audit';
import type { RotationOptions } from '@fairway/host';
import { parseDuration } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { truthOf } from '../flag-values.ts';

/** What is told of requests, and to whom, by the flags of a kube-apiserver. */
export interface AuditFlags {
  readonly auditPolicyFile?: string;
  readonly auditLogPath?: string;
  readonly auditLogFormat?: string;
  readonly auditLogVersion?: string;
  readonly auditLogMaxsize?: string;
  readonly auditLogMaxage?: string;
  readonly auditLogMaxbackup?: string;
  readonly auditLogCompress?: string | boolean;
  readonly auditLogMode?: string;
  readonly auditLogBatchBufferSize?: string;
  readonly auditLogBatchMaxSize?: string;
  readonly auditLogBatchMaxWait?: string;
  readonly auditLogBatchThrottleEnable?: string | boolean;
  readonly auditLogBatchThrottleQps?: string;
  readonly auditLogBatchThrottleBurst?: string;
  readonly auditLogTruncateEnabled?: string | boolean;
  readonly auditLogTruncateMaxEventSize?: string;
  readonly auditLogTruncateMaxBatchSize?: string;
  readonly auditWebhookConfigFile?: string;
  readonly auditWebhookVersion?: string;
  readonly auditWebhookMode?: string;
  readonly auditWebhookInitialBackoff?: string;
  readonly auditWebhookBatchBufferSize?: string;
  readonly auditWebhookBatchMaxSize?: string;
  readonly auditWebhookBatchMaxWait?: string;
  readonly auditWebhookBatchThrottleEnable?: string | boolean;
  readonly auditWebhookBatchThrottleQps?: string;
  readonly auditWebhookBatchThrottleBurst?: string;
  readonly auditWebhookTruncateEnabled?: string | boolean;
  readonly auditWebhookTruncateMaxEventSize?: string;
  readonly auditWebhookTruncateMaxBatchSize?: string;
}

const modes = ['batch', 'blocking', 'blocking-strict'] as const;
export type AuditMode = (typeof modes)[number];

/** Where events go. */
export type AuditPlace = 'log' | 'webhook';

/** How events get to one place. */
export interface AuditDelivery {
  readonly mode: AuditMode;
  readonly batch: Omit<BatchOptions, 'sendingMax'>;
  /** Absent: whatever their size. */
  readonly truncation?: { readonly eventBytesMax: number; readonly listBytesMax: number };
}

/** What the flags come to. Files are as they were given. */
export interface AuditChoice {
  readonly policyFile: string;
  readonly log?: AuditDelivery & {
    /** `-` is the standard output. */
    readonly path: string;
    readonly format: AuditFormat;
    readonly rotation: Omit<RotationOptions, 'onFailure'>;
  };
  readonly webhook?: AuditDelivery & {
    readonly configFile: string;
    readonly firstBackoffMs: number;
  };
}

const dayMs = 86_400_000;

/** What holds where no flag says how events get to a place. */
interface DeliveryDefaults {
  readonly mode: AuditMode;
  readonly batchMax: string;
  readonly isThrottled: boolean;
  readonly wait: string;
}

/** Source: kube-apiserver, NewAuditOptions. */
export const deliveryDefaults: Readonly<Record<AuditPlace, DeliveryDefaults>> = {
  log: { mode: 'blocking', batchMax: '1', isThrottled: false, wait: '0s' },
  webhook: { mode: 'batch', batchMax: '400', isThrottled: true, wait: '30s' },
};

/**
 * Reads the flags together; undefined where nothing is to be told.
 *
 * Errors: `CommandError` with flag, value and what is to be had instead.
 */
export function readAuditFlags(flags: AuditFlags): AuditChoice | undefined {
  const { auditPolicyFile: policyFile, auditLogPath: path } = flags;
  const { auditWebhookConfigFile: configFile } = flags;
  // Read also where they come to nothing, so that what is wrong with them is said.
  const log = { ...readDelivery(flags, 'log'), ...readLog(flags) };
  const webhook = {
    ...readDelivery(flags, 'webhook'),
    firstBackoffMs: duration(
      '--audit-webhook-initial-backoff',
      flags.auditWebhookInitialBackoff ?? '10s',
    ),
  };
  for (const [flag, version] of [
    ['--audit-log-version', flags.auditLogVersion],
    ['--audit-webhook-version', flags.auditWebhookVersion],
  ] as const) {
    if (version === undefined || version === 'audit.k8s.io/v1') continue;
    throw new CommandError(`cannot use ${flag} ${show(version)}: it is audit.k8s.io/v1`);
  }
  if (policyFile === undefined || (path === undefined && configFile === undefined)) {
    return undefined;
  }
  return {
    policyFile,
    ...(path === undefined ? {} : { log: { ...log, path } }),
    ...(configFile === undefined ? {} : { webhook: { ...webhook, configFile } }),
  };
}

/** Of wishes that come to nothing. */
export function auditWarnings(flags: AuditFlags): readonly string[] {
  const { auditPolicyFile, auditLogPath, auditWebhookConfigFile } = flags;
  const hasPlace = auditLogPath !== undefined || auditWebhookConfigFile !== undefined;
  if (hasPlace === (auditPolicyFile !== undefined)) return [];
  return hasPlace
    ? ['nothing is audited without --audit-policy-file, which says what is told']
    : ['nothing is audited without --audit-log-path or --audit-webhook-config-file'];
}

function readLog(flags: AuditFlags): Pick<NonNullable<AuditChoice['log']>, 'format' | 'rotation'> {
  const { auditLogFormat: format = 'json' } = flags;
  if (format !== 'json' && format !== 'legacy') {
    throw new CommandError(`cannot use --audit-log-format ${show(format)}: it is json or legacy`);
  }
  const megabytes = integer('--audit-log-maxsize', flags.auditLogMaxsize ?? '0', 0);
  const days = integer('--audit-log-maxage', flags.auditLogMaxage ?? '0', 0);
  return {
    format,
    rotation: {
      // What 0 means there.
      bytesMax: (megabytes === 0 ? 100 : megabytes) * 1024 * 1024,
      keptMs: days * dayMs,
      keptFilesMax: integer('--audit-log-maxbackup', flags.auditLogMaxbackup ?? '0', 0),
      compresses: truthOf('--audit-log-compress', flags.auditLogCompress) ?? false,
    },
  };
}

function readDelivery(flags: AuditFlags, place: AuditPlace): AuditDelivery {
  const byDefault = deliveryDefaults[place];
  const prefix = place === 'log' ? 'auditLog' : 'auditWebhook';
  const flag = (name: string): string => `--audit-${place}-${name}`;
  const { [`${prefix}Mode` as const]: mode = byDefault.mode } = flags;
  if (!isMode(mode)) {
    throw new CommandError(`cannot use ${flag('mode')} ${show(mode)}: it is ${modes.join(', ')}`);
  }
  const truncates = truthOf(flag('truncate-enabled'), flags[`${prefix}TruncateEnabled`]) ?? false;
  const eventBytesMax = integer(
    flag('truncate-max-event-size'),
    flags[`${prefix}TruncateMaxEventSize`] ?? '102400',
    1,
  );
  const listBytesMax = integer(
    flag('truncate-max-batch-size'),
    flags[`${prefix}TruncateMaxBatchSize`] ?? '10485760',
    1,
  );
  if (truncates && listBytesMax < eventBytesMax) {
    const why = `it is less than ${flag('truncate-max-event-size')} ${eventBytesMax}`;
    throw new CommandError(`cannot use ${flag('truncate-max-batch-size')} ${listBytesMax}: ${why}`);
  }
  return {
    mode,
    batch: readBatch(flags, { prefix, flag, byDefault }),
    ...(truncates ? { truncation: { eventBytesMax, listBytesMax } } : {}),
  };
}

function readBatch(
  flags: AuditFlags,
  {
    prefix,
    flag,
    byDefault,
  }: {
    readonly prefix: 'auditLog' | 'auditWebhook';
    readonly flag: (name: string) => string;
    readonly byDefault: DeliveryDefaults;
  },
): AuditDelivery['batch'] {
  const isThrottled =
    truthOf(flag('batch-throttle-enable'), flags[`${prefix}BatchThrottleEnable`]) ??
    byDefault.isThrottled;
  const perSecond = positive(
    flag('batch-throttle-qps'),
    flags[`${prefix}BatchThrottleQps`] ?? '10',
  );
  const burst = integer(
    flag('batch-throttle-burst'),
    flags[`${prefix}BatchThrottleBurst`] ?? '15',
    1,
  );
  return {
    bufferEventsMax: integer(
      flag('batch-buffer-size'),
      flags[`${prefix}BatchBufferSize`] ?? '10000',
      1,
    ),
    batchEventsMax: integer(
      flag('batch-max-size'),
      flags[`${prefix}BatchMaxSize`] ?? byDefault.batchMax,
      1,
    ),
    batchWaitMs: duration(flag('batch-max-wait'), flags[`${prefix}BatchMaxWait`] ?? byDefault.wait),
    ...(isThrottled ? { throttle: { perSecond, burst } } : {}),
  };
}

function isMode(text: string): text is AuditMode {
  return (modes as readonly string[]).includes(text);
}

function integer(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value >= least) return value;
  throw new CommandError(`cannot use ${flag} ${show(text)}: it is a number from ${least} on`);
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (/^[\d.]{1,10}$/.test(text) && value > 0) return value;
  throw new CommandError(`cannot use ${flag} ${show(text)}: it is a number above 0`);
}

function duration(flag: string, text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined && durationMs >= 0) return durationMs;
  throw new CommandError(`cannot use ${flag} ${show(text)}: it is a time as 30s or 2m`);
}

function show(text: string): string {
  return JSON.stringify(text);
}
