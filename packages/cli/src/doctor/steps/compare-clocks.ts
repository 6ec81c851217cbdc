import { humanDuration } from '@fairway/protocol';
import { type ServerTime, skewOf } from '../server-time.ts';
import { type Finding, step } from '../step.ts';
import { setTheClock } from '../tls/remedies.ts';

/** By how much clocks may differ before new tokens and certificates count as not yet valid, or old ones as valid. */
const skewMsMax = 5 * 60_000;
/** A difference that nobody has by chance. */
const skewMsNoted = 10_000;

/** The clock of this machine beside that of the server, which may have told its time before it was trusted. */
export const clockStep = step({
  name: 'clock',
  exitCode: 17,
  needs: ['serverTime'],
  async probe(tools, { serverTime }) {
    return { finding: judge(serverTime, setTheClock(tools)) };
  },
});

function judge(serverTime: ServerTime, remedy: string): Finding {
  const skewMs = Math.round(skewOf(serverTime));
  const tried = 'the Date header of an answer';
  const details = { skewMs, server: new Date(serverTime.serverMs).toISOString() };
  const offMs = Math.abs(skewMs);
  if (offMs <= skewMsNoted) {
    return { status: 'ok', tried, found: 'as that of the server', details };
  }
  const found = `the clock of this machine is ${humanDuration(offMs)} ${skewMs > 0 ? 'behind' : 'ahead of'} that of the server`;
  const isTooFar = offMs > skewMsMax;
  const remedies = [remedy];
  if (!isTooFar) return { status: 'warning', tried, found, remedies, details };
  const effect = 'tokens and certificates count as expired, or as not yet valid';
  return { status: 'failed', tried, found: `${found}: ${effect}`, remedies, details };
}
