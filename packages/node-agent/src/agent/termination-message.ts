import type { Clock, Files } from '@fairway/host';
import { readLog } from '../container-logs/read-log.ts';
import { containerAnnotation } from '../container-config/kubelet-labels.ts';
import { podFolder } from '../node/pod-folders.ts';
import type { ContainerRecord } from '../runtime/container.ts';

/** Of the file that a container may write. Source: core/v1 Container, `terminationMessagePath`. */
const messageBytesMax = 4_096;
/** Of its log, where that stands in. Source: core/v1 Container, `terminationMessagePolicy`. */
const logLinesMax = 80;
const logBytesMax = 2_048;

/** What a container that has ended has left to be told; undefined: nothing. */
export async function terminationMessage(
  record: ContainerRecord,
  of: {
    readonly podUid: string;
    readonly rootDirectory: string;
    readonly files: Pick<Files, 'readEnd'>;
    readonly clock: Clock;
  },
): Promise<string | undefined> {
  const { name, attempt, annotations, exitCode } = record;
  if (annotations[containerAnnotation.terminationMessagePath]) {
    const path = podFolder(of.rootDirectory, of.podUid).terminationLog(name, attempt);
    const bounds = { skippedBytes: 0, bytesMax: messageBytesMax };
    const message = Buffer.from((await of.files.readEnd(path, bounds)) ?? []).toString();
    if (message !== '') return message;
  }
  const policy = annotations[containerAnnotation.terminationMessagePolicy];
  const isAsked = policy === 'FallbackToLogsOnError' && exitCode !== 0;
  if (!isAsked || record.logPath === undefined) return undefined;
  return endOfLog(record.logPath, of.clock);
}

async function endOfLog(path: string, clock: Clock): Promise<string | undefined> {
  const log = { path, isRunning: async () => false, onChange: () => ({ [Symbol.dispose]() {} }) };
  let end = Buffer.alloc(0);
  try {
    const { signal } = new AbortController();
    for await (const bytes of await readLog(log, { tailLines: logLinesMax }, { clock, signal })) {
      end = Buffer.concat([end, bytes]).subarray(-logBytesMax);
    }
  } catch {
    // A log that is gone has nothing to tell.
    return undefined;
  }
  return end.length === 0 ? undefined : end.toString();
}
