import { cpuMsOf } from '../process-usage.ts';
import { type LoadTarget, serveLoad } from './run-load.ts';
import { type Session, openSession, request } from './session.ts';

export interface ListOptions extends LoadTarget {
  readonly repeats: number;
}

export interface ListFigures {
  readonly wallMs: number;
  readonly firstByteMs: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

export interface ListResult {
  /** The first list after the pods were written. */
  readonly cold: ListFigures;
  /** The mean of the lists after it. */
  readonly warm: ListFigures;
}

await serveLoad<ListOptions>(async ({ address, pid, repeats }) => {
  await using session = await openSession(address);
  const cold = await measure(session, pid, 1);
  await measure(session, pid, 3);
  return { cold, warm: await measure(session, pid, repeats) } satisfies ListResult;
});

async function measure({ http2 }: Session, pid: number, repeats: number): Promise<ListFigures> {
  let bytes = 0;
  let firstByteMs = 0;
  const cpuMs = cpuMsOf(pid);
  const startMs = performance.now();
  for (let round = 0; round < repeats; round++) {
    const sentMs = performance.now();
    let isFirst = true;
    const status = await request(http2, { path: '/api/v1/pods?resourceVersion=0' }, (chunk) => {
      if (isFirst) firstByteMs += performance.now() - sentMs;
      isFirst = false;
      bytes += chunk.length;
    });
    if (status !== 200) throw new Error(`listing pods was answered with ${status}`);
  }
  return {
    wallMs: (performance.now() - startMs) / repeats,
    firstByteMs: firstByteMs / repeats,
    cpuMs: (cpuMsOf(pid) - cpuMs) / repeats,
    bytes: bytes / repeats,
  };
}
