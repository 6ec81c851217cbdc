import {
  type HttpRequest,
  type HttpResponse,
  apiError,
  badRequest,
  parseTime,
  readBoolean,
  readInteger,
  readText,
} from '@fairway/protocol';
import type { LogOptions, LogStream } from '../container-logs/log-options.ts';
import { type ContainerLog, readLog } from '../container-logs/read-log.ts';
import type { KubeletParts, NodePod } from './kubelet-parts.ts';
import type { ContainerPath } from './kubelet-path.ts';
import { loggedContainer } from './logged-container.ts';

type LogParts = Pick<KubeletParts, 'pods' | 'runtime' | 'clock'>;

/** Answers `GET /containerLogs/NAMESPACE/POD/CONTAINER`. */
export async function answerContainerLog(
  parts: LogParts,
  { namespace, pod: name, container }: ContainerPath,
  request: HttpRequest,
): Promise<HttpResponse> {
  const { previous, ...options } = logOptions(request, parts.clock.now());
  const pod = parts.pods.find(namespace, name);
  if (pod === undefined) {
    throw apiError('NotFound', `pod ${JSON.stringify(name)} does not exist`);
  }
  requireContainer(pod, container);
  const chosen = loggedContainer(pod, container, { previous });
  if (chosen.kind === 'none') throw badRequest(chosen.why);
  const log = await logOf(parts, pod, chosen.containerId);
  const { clock } = parts;
  const { signal } = request;
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: await readLog(log, options, { clock, signal }).catch((cause: unknown) => {
      throw unreadable(chosen.containerId, cause);
    }),
  };
}

/** Source: core/v1 PodLogOptions, as a kubelet reads them. */
function logOptions(
  { query: text }: HttpRequest,
  nowMs: number,
): LogOptions & { readonly previous: boolean } {
  const query = new URLSearchParams(text);
  const { lines, limitBytes, sinceSeconds } = numbersOf(query);
  const time = readText(query, 'sinceTime');
  const sinceTimeMs = time === undefined ? undefined : parseTime(time);
  if (time !== undefined && sinceTimeMs === undefined) throw undecodable();
  const isBounded = (lines ?? 0) >= 0 && (limitBytes ?? 1) > 0 && (sinceSeconds ?? 1) > 0;
  const isTwice = sinceSeconds !== undefined && time !== undefined;
  if (!isBounded || isTwice) throw apiError('Invalid', '{"message": "Invalid request."}');
  const sinceMs = sinceSeconds === undefined ? sinceTimeMs : nowMs - sinceSeconds * 1_000;
  const stream = streamOf(readText(query, 'stream') ?? 'All');
  return {
    follow: readBoolean(query, 'follow') ?? false,
    previous: readBoolean(query, 'previous') ?? false,
    timestamps: readBoolean(query, 'timestamps') ?? false,
    ...(lines === undefined ? {} : { tailLines: lines }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(stream === undefined ? {} : { stream }),
  };
}

function numbersOf(query: URLSearchParams): {
  readonly lines: number | undefined;
  readonly limitBytes: number | undefined;
  readonly sinceSeconds: number | undefined;
} {
  try {
    // An old way to say it.
    const tail = readText(query, 'tail');
    const tailName = tail === undefined ? 'tailLines' : 'tail';
    return {
      lines: tail === 'all' ? undefined : readInteger(query, tailName),
      limitBytes: readInteger(query, 'limitBytes'),
      sinceSeconds: readInteger(query, 'sinceSeconds'),
    };
  } catch {
    throw undecodable();
  }
}

function undecodable(): Error {
  return badRequest('{"message": "Unable to decode query."}');
}

function streamOf(text: string): LogStream | undefined {
  if (text === 'All') return undefined;
  if (text === 'Stdout') return 'stdout';
  if (text === 'Stderr') return 'stderr';
  throw badRequest(`invalid stream type ${JSON.stringify(text)}`);
}

function requireContainer({ metadata, spec }: NodePod, container: string): void {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec ?? {};
  const all = [...containers, ...initContainers, ...ephemeralContainers];
  if (all.some(({ name }) => name === container)) return;
  const pod = JSON.stringify(metadata?.name ?? '');
  throw apiError('NotFound', `container ${JSON.stringify(container)} not found in pod ${pod}`);
}

async function logOf(
  { runtime }: Pick<LogParts, 'runtime'>,
  pod: NodePod,
  containerId: string,
): Promise<ContainerLog> {
  const id = containerId.replace(/^.*:\/\//, '');
  const record = await runtime.containerRecord(id);
  if (record?.logPath === undefined) throw unreadable(containerId);
  return {
    path: record.logPath,
    isRunning: async () => (await runtime.containerRecord(id))?.state === 'running',
    onChange: (listener) =>
      runtime.onChange((podUid) => {
        if (podUid === undefined || podUid === pod.metadata?.uid) listener();
      }),
  };
}

function unreadable(containerId: string, cause?: unknown): Error {
  return apiError('BadRequest', `unable to retrieve container logs for ${containerId}`, undefined, {
    cause,
    ...(cause instanceof Error ? { detail: cause.message } : {}),
  });
}
