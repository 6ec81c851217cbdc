import type { EvictionThreshold } from '@fairway/node-agent';
import { parseQuantity, wholeOf } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';

const signals: readonly EvictionThreshold['signal'][] = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'pid.available',
];

/**
 * Reads below what a node evicts pods, as a kubelet is told: `memory.available<100Mi,nodefs.available<10%`. What is
 * left out, or 0%, has no bound.
 *
 * Errors: `CommandError`.
 */
export function parseEvictionFlag(text: string): readonly EvictionThreshold[] {
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .flatMap((part) => {
      const [name = '', amount = ''] = part.split('<').map((each) => each.trim());
      const signal = signals.find((each) => each === name);
      const least = readAmount(amount);
      if (signal === undefined) {
        throw refused(part, `it is about none of ${signals.join(', ')}`);
      }
      if (least === undefined) throw refused(part, 'say how much, as <100Mi or <10%');
      return 'percent' in least && least.percent === 0 ? [] : [{ signal, least }];
    });
}

function readAmount(text: string): EvictionThreshold['least'] | undefined {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (percent !== undefined) {
    return Number(percent) <= 100 ? { percent: Number(percent) } : undefined;
  }
  const amount = parseQuantity(text);
  return amount === undefined || wholeOf(amount) <= 0 ? undefined : { amount: wholeOf(amount) };
}

function refused(part: string, why: string): CommandError {
  return new CommandError(`cannot use --eviction-hard ${JSON.stringify(part.trim())}: ${why}`);
}
