import type { AuthenticatedRequest } from '@fairway/access';
import { type HttpResponse, apiVersionOf } from '@fairway/protocol';
import type { FairQueues } from './fair-queues.ts';
import type { PriorityLevel } from './priority-levels.ts';
import type { RequestFairness } from './request-fairness.ts';
import { type QueueState, type RequestState, expectedMs } from './request-queue.ts';

/**
 * What runs and waits at each priority level, in a table for people; undefined where there is none.
 *
 * Source: Kubernetes documentation, "API Priority and Fairness", debug endpoints; kube-apiserver 1.36.
 */
export function dumpFairness(
  { levels }: RequestFairness,
  { path, query }: Pick<AuthenticatedRequest, 'path' | 'query'>,
): HttpResponse | undefined {
  const sorted = [...levels.all].sort((one, other) => (one.name < other.name ? -1 : 1));
  switch (path.slice(path.lastIndexOf('/') + 1)) {
    case 'dump_priority_levels':
      return table([levelColumns, ...sorted.map(levelRow)]);
    case 'dump_queues':
      return table([queueColumns, ...sorted.flatMap(queueRows)]);
    case 'dump_requests': {
      const isDetailed = Boolean(new URLSearchParams(query).get('includeRequestDetails'));
      const rows = sorted.flatMap((level) => requestRows(level, isDetailed));
      return table([[...requestColumns, ...(isDetailed ? detailColumns : [])], ...rows]);
    }
    default:
      return undefined;
  }
}

type Row = readonly string[];

const levelColumns: Row = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
];

/** A level that is gone is not kept until its last request is over, so that none is quiescing. */
function levelRow({ name, queues }: PriorityLevel): Row {
  const { running, waiting, outcomes } = queues;
  const active = queues.state.queues.filter((queue) => queue.waiting.length > 0).length;
  const rejected = outcomes['queue-full'] + outcomes['concurrency-limit'];
  const counts = [
    waiting,
    running,
    outcomes.dispatched,
    rejected,
    outcomes['time-out'],
    outcomes.cancelled,
  ];
  return [name, String(active), String(isIdle(queues)), 'false', ...counts.map(String)];
}

function isIdle({ running, waiting }: FairQueues): boolean {
  return running + waiting === 0;
}

const queueColumns: Row = [
  'PriorityLevelName',
  'Index',
  'PendingRequests',
  'ExecutingRequests',
  'SeatsInUse',
  'NextDispatchR',
  'InitialSeatsSum',
  'MaxSeatsSum',
  'TotalWorkSum',
];

function queueRows({ name, queues }: PriorityLevel): readonly Row[] {
  return queues.state.queues.map(({ waiting, running, seatsInUse, nextAt }, index) => {
    const seats = waiting.reduce((sum, each) => sum + each.seats, 0);
    const counts = [index, waiting.length, running.length, seatsInUse].map(String);
    const work = seatSeconds(seats * expectedMs);
    return [name, ...counts, seatSeconds(nextAt), String(seats), String(seats), work];
  });
}

/** As many seats as there are, for so many seconds. */
function seatSeconds(seatMs: number): string {
  return `${(seatMs / 1000).toFixed(8)}ss`;
}

const requestColumns: Row = [
  'PriorityLevelName',
  'FlowSchemaName',
  'QueueIndex',
  'RequestIndexInQueue',
  'FlowDistingsher',
  'ArriveTime',
  'InitialSeats',
  'FinalSeats',
  'AdditionalLatency',
  'StartTime',
];
const detailColumns: Row = [
  'UserName',
  'Verb',
  'APIPath',
  'Namespace',
  'Name',
  'APIVersion',
  'Resource',
  'SubResource',
];

/** Those that wait have an index in their queue; what runs has none, and -1 stands for no queue. */
function requestRows({ name, queues }: PriorityLevel, isDetailed: boolean): readonly Row[] {
  const rowOf = (request: RequestState, queue: number, index: number): Row => [
    name,
    request.schemaName,
    ...[queue, index].map(String),
    plain(request.distinguisher),
    timeText(request.arrivedMs),
    String(request.seats),
    '0',
    '0s',
    request.startedMs === undefined ? '0001-01-01T00:00:00Z' : timeText(request.startedMs),
    ...(isDetailed ? detailsOf(request) : []),
  ];
  const rowsOf = ({ waiting, running }: QueueState, queue: number): readonly Row[] => [
    ...waiting.map((each, index) => rowOf(each, queue, index)),
    ...running.map((each) => rowOf(each, queue, -1)),
  ];
  const { unqueued, queues: all } = queues.state;
  return [...all.flatMap(rowsOf), ...rowsOf(unqueued, -1)];
}

function detailsOf({ asked }: RequestState): Row {
  if (asked === undefined) return detailColumns.map(() => '');
  const { user, target, path } = asked;
  const place = target.isResource
    ? [target.namespace, target.name, apiVersionOf(target), target.plural, target.subresource]
    : ['', '', '', '', ''];
  return [user.username, target.verb, path, ...place].map(plain);
}

/** Names that callers have may not begin columns or lines of their own. */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

/** With as many parts of a second as it has. */
function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0+Z$/, 'Z');
}

const cellLengthMin = 8;

/** Columns under each other, with a comma after each but the last. */
function table(rows: readonly Row[]): HttpResponse {
  const [columns = []] = rows;
  const lengths = columns.map((_, index) =>
    Math.max(cellLengthMin, ...rows.map((row) => [...(row[index] ?? '')].length + 2)),
  );
  const lines = rows.map((row) =>
    row.map((cell, index) => padded(cell, index === row.length - 1 ? 0 : lengths[index])).join(''),
  );
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache, private' },
    body: Buffer.from(`${lines.join('\n')}\n`),
  };
}

function padded(cell: string, length = 0): string {
  if (length === 0) return cell;
  return `${cell},${' '.repeat(length - [...cell].length - 1)}`;
}
