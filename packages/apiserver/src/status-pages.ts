import {
  type HttpRequest,
  type HttpResponse,
  apiError,
  formatDuration,
  headerOf,
  negotiateMediaType,
} from '@fairway/protocol';
import { defaultTimeoutMs } from './request-pipeline.ts';
import { versionInfo } from './version-info.ts';

/** What the pages for people tell of this server. */
export interface StatusPageOptions {
  readonly platform: string;
  /** When this server started, and what time it is now. */
  readonly startedMs: number;
  readonly nowMs: number;
  /** Paths that are of use to who looks here. */
  readonly paths: readonly string[];
  /** `10.1.2.3:6443` */
  readonly advertised: string;
  readonly issuer: string;
  readonly serviceClusterIpRange: string;
  readonly requestTimeoutMs?: number;
}

const warning =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility ' +
  'guarantees and is for debugging purposes only.';

/**
 * Answers `/statusz` and `/flagz` in plain text. Errors: NotAcceptable `ApiError` for who wants another form.
 * Source: Kubernetes documentation, "Kubernetes z-pages".
 */
export function answerStatusPage(request: HttpRequest, options: StatusPageOptions): HttpResponse {
  const accept = headerOf(request.headers, 'accept');
  if (negotiateMediaType(accept, [{ type: 'text/plain' }]) === undefined) {
    throw apiError('NotAcceptable', 'only the following media types are accepted: text/plain');
  }
  const isStatus = request.path.startsWith('/statusz');
  const lines = isStatus ? statusLines(options) : flagLines(options);
  const text = [`kube-apiserver ${isStatus ? 'statusz' : 'flags'}`, warning, '', ...lines, ''];
  return {
    status: 200,
    headers: {
      'cache-control': 'no-cache, private',
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    },
    body: Buffer.from(text.join('\n')),
  };
}

function statusLines({ platform, startedMs, nowMs, paths }: StatusPageOptions): string[] {
  const { gitVersion = '', goVersion, emulationMajor, emulationMinor } = versionInfo(platform);
  return [
    `Started: ${unixDate(startedMs)}`,
    `Up: ${elapsed(nowMs - startedMs)}`,
    `Go version: ${goVersion}`,
    `Binary version: ${gitVersion.slice(1)}`,
    `Emulation version: ${emulationMajor}.${emulationMinor}`,
    `Paths: ${paths.join(' ')}`,
  ];
}

/** The options that a kube-apiserver has as flags. */
function flagLines({
  advertised,
  issuer,
  serviceClusterIpRange,
  requestTimeoutMs = defaultTimeoutMs,
}: StatusPageOptions): string[] {
  const at = advertised.lastIndexOf(':');
  return [
    `advertise-address: ${advertised.slice(0, at).replaceAll(/[[\]]/g, '')}`,
    `request-timeout: ${formatDuration(requestTimeoutMs)}`,
    `secure-port: ${advertised.slice(at + 1)}`,
    `service-account-issuer: [${issuer}]`,
    `service-cluster-ip-range: ${serviceClusterIpRange}`,
  ];
}

/** `Wed Oct 16 21:03:43 UTC 2024` */
function unixDate(ms: number): string {
  const [, weekday, day = '', month, year, time] =
    /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(new Date(ms).toUTCString()) ?? [];
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} UTC ${year}`;
}

/** `0 hr 00 min 16 sec` */
function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return `${hours} hr ${two(minutes)} min ${two(seconds % 60)} sec`;
}
