import {
  type ResourceAmounts,
  podLimits,
  podRequests,
  writtenAmounts,
} from '@fairway/kind-rules/pods';
import type { Shown } from '@fairway/kind-rules/shown';
import type { Node, Pod } from '@fairway/kinds/core/v1';
import { type Quantity, addQuantities, formatQuantity, milliOf, wholeOf } from '@fairway/protocol';
import { type Lines, field, indented, section, table } from '../lines.ts';
import { type Moment, sinceText } from '../moment.ts';

/** The pods of a node, and how much of it they take, each and all together. */
export function nodePodLines(
  { status = {} }: Shown<Node>,
  pods: readonly Shown<Pod>[],
  moment: Moment,
): Lines {
  const isTold = Object.keys(status.allocatable ?? {}).length > 0;
  const room = writtenAmounts((isTold ? status.allocatable : status.capacity) as Written);
  return [
    field('Non-terminated Pods', `(${pods.length} in total)`),
    ...indented(
      table(
        podColumns,
        pods.map((pod) => podRow(pod as Pod, room, moment)),
      ),
    ),
    ...section('Allocated resources', [
      '(Total limits may be over 100 percent, i.e., overcommitted.)',
      ...table(['Resource', 'Requests', 'Limits'], totalRows(pods as readonly Pod[], room)),
    ]),
  ];
}

type Written = Parameters<typeof writtenAmounts>[0];

const podColumns = [
  'Namespace',
  'Name',
  '',
  'CPU Requests',
  'CPU Limits',
  'Memory Requests',
  'Memory Limits',
  'Age',
];

function podRow(pod: Pod, room: ResourceAmounts, moment: Moment): readonly string[] {
  const requests = podRequests(pod);
  const limits = podLimits(pod);
  return [
    pod.metadata?.namespace ?? '',
    pod.metadata?.name ?? '',
    '',
    shareText('cpu', requests, room),
    shareText('cpu', limits, room),
    shareText('memory', requests, room),
    shareText('memory', limits, room),
    sinceText(pod.metadata?.creationTimestamp, moment),
  ];
}

function totalRows(pods: readonly Pod[], room: ResourceAmounts): readonly (readonly string[])[] {
  // What is asked for counts, not what a resize has left behind.
  const requests = sumOf(pods.map(({ status: _, ...pod }) => podRequests(pod)));
  const limits = sumOf(pods.map(podLimits));
  const names = [...room.keys()].sort();
  const shared = [
    'cpu',
    'memory',
    'ephemeral-storage',
    ...names.filter((name) => name.startsWith('hugepages-')),
  ];
  const others = names.filter((name) => !shared.includes(name) && name !== 'pods');
  return [
    ...shared.map((name) => [name, shareText(name, requests, room), shareText(name, limits, room)]),
    ...others.map((name) => [name, amountText(requests.get(name)), amountText(limits.get(name))]),
  ];
}

function sumOf(all: readonly ResourceAmounts[]): ResourceAmounts {
  const sums = new Map<string, Quantity>();
  for (const amounts of all) {
    for (const [name, amount] of amounts) {
      const known = sums.get(name);
      sums.set(name, known === undefined ? amount : addQuantities(known, amount));
    }
  }
  return sums;
}

/** `100m (2%)` */
function shareText(name: string, amounts: ResourceAmounts, room: ResourceAmounts): string {
  const of = name === 'cpu' ? milliOf : wholeOf;
  const whole = of(room.get(name));
  const share = whole === 0 ? 0 : Math.trunc((of(amounts.get(name)) / whole) * 100);
  return `${amountText(amounts.get(name))} (${share}%)`;
}

function amountText(amount: Quantity | undefined): string {
  return amount === undefined ? '0' : formatQuantity(amount);
}
