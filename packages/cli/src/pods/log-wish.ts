import type { LogOptions } from '@fairway/client/streams';
import { parseDuration } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { truthOf } from '../flag-values.ts';
import { readPodTimeout } from './find-pods.ts';

/** The flags of `fairway logs`, as commander reads them. */
export interface LogsFlags extends ClusterFlags {
  readonly allContainers?: boolean;
  readonly allPods?: boolean;
  readonly container?: string;
  readonly follow?: boolean;
  readonly ignoreErrors?: boolean;
  readonly insecureSkipTlsVerifyBackend?: boolean;
  readonly limitBytes?: string;
  readonly maxLogRequests: string;
  readonly podRunningTimeout: string;
  readonly prefix?: string | boolean;
  readonly previous?: boolean;
  readonly selector?: string;
  readonly since?: string;
  readonly sinceTime?: string;
  readonly tail?: string;
  readonly timestamps?: boolean;
}

/** Which logs are asked for, and what of them. */
export interface LogWish {
  /** `POD` or `TYPE/NAME`; undefined where labels select pods. */
  readonly subject: string | undefined;
  readonly container: string | undefined;
  readonly hasAllContainers: boolean;
  readonly hasAllPods: boolean;
  readonly selector: string | undefined;
  readonly isFollowed: boolean;
  readonly followedMax: number;
  readonly ignoresErrors: boolean;
  /** Undefined: where several logs come together on a terminal with colours. */
  readonly hasPrefix: boolean | undefined;
  readonly waitMs: number;
  /** What of each log. */
  readonly part: LogOptions;
}

/** So many lines of each of the pods that labels select, where nobody says how many. */
const selectedTailLines = 10;

/** Reads what was typed. Errors: `CommandError`. */
export function readLogWish(words: readonly string[], flags: LogsFlags): LogWish {
  const { allContainers: hasAllContainers = false, allPods: hasAllPods = false } = flags;
  const selector = flags.selector || undefined;
  const [subject, inline] = words;
  if (words.length > 2 || (subject === undefined && selector === undefined)) {
    throw new CommandError(
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]': POD or TYPE/NAME is a required argument for the logs command; or select pods with -l",
    );
  }
  if (subject !== undefined && selector !== undefined) {
    throw new CommandError('only a selector (-l) or a POD name is allowed; leave out one');
  }
  if (inline !== undefined && flags.container !== undefined) {
    throw new CommandError('only one of -c or an inline [CONTAINER] arg is allowed');
  }
  const container = flags.container || inline;
  if (hasAllContainers && container !== undefined) {
    throw new CommandError(
      `--all-containers=true should not be specified with container name ${container}`,
    );
  }
  const prefix = truthOf('--prefix', flags.prefix);
  return {
    subject,
    container,
    hasAllContainers,
    hasAllPods,
    selector,
    isFollowed: flags.follow === true,
    followedMax: readCount('--max-log-requests', flags.maxLogRequests, 1),
    ignoresErrors: flags.ignoreErrors === true,
    hasPrefix: hasAllPods ? true : prefix,
    waitMs: readPodTimeout(flags.podRunningTimeout),
    part: readPart(flags, selector === undefined ? undefined : selectedTailLines),
  };
}

function readPart(flags: LogsFlags, tailDefault: number | undefined): LogOptions {
  const { since, sinceTime, follow, previous, timestamps } = flags;
  const tail = flags.tail === undefined ? tailDefault : readCount('--tail', flags.tail, -1);
  const sinceSeconds = since === undefined ? 0 : readSince(since);
  if (sinceTime !== undefined && sinceSeconds > 0) {
    throw new CommandError('at most one of --since-time and --since may be specified');
  }
  if (sinceTime !== undefined && !isMoment(sinceTime)) {
    throw new CommandError(
      `--since-time ${JSON.stringify(sinceTime)} is no time of RFC 3339, such as 2026-01-31T10:00:00Z`,
    );
  }
  const { limitBytes } = flags;
  const bytes = limitBytes === undefined ? 0 : readCount('--limit-bytes', limitBytes, 0);
  return {
    ...(follow === true ? { follow } : {}),
    ...(previous === true ? { previous } : {}),
    ...(timestamps === true ? { timestamps } : {}),
    ...(flags.insecureSkipTlsVerifyBackend === true ? { insecureSkipTLSVerifyBackend: true } : {}),
    ...(tail === undefined || tail < 0 ? {} : { tailLines: tail }),
    ...(sinceSeconds > 0 ? { sinceSeconds } : {}),
    ...(sinceTime === undefined ? {} : { sinceTime }),
    ...(bytes > 0 ? { limitBytes: bytes } : {}),
  };
}

function readCount(flag: string, text: string, least: number): number {
  const count = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least) return count;
  throw new CommandError(
    `${flag} must be a number greater than or equal to ${least}, and ${JSON.stringify(text)} is none`,
  );
}

function readSince(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0) return Math.ceil(ms / 1_000);
  throw new CommandError(`--since ${JSON.stringify(text)} is no time: write 5s, 2m or 3h`);
}

function isMoment(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}
