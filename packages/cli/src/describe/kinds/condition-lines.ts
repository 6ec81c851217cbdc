import { type Lines, section, table } from '../lines.ts';
import { type Moment, timeText } from '../moment.ts';

/** A condition of an object; any field may be missing. */
interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly lastHeartbeatTime?: string;
  readonly lastProbeTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What controllers say of an object, in short; nothing when they say nothing. */
export function conditionLines(conditions: readonly Condition[] = []): Lines {
  const rows = conditions.map(({ type = '', status = '', reason = '' }) => {
    return [`${type} `, status, reason];
  });
  return rows.length === 0 ? [] : section('Conditions', table(['Type', 'Status', 'Reason'], rows));
}

/** The same with when it began, and with the message. */
export function datedConditionLines(conditions: readonly Condition[] = [], moment: Moment): Lines {
  const rows = conditions.map(({ type = '', status = '', reason = '', message = '', ...when }) => {
    return [type, status, timeText(when.lastTransitionTime, moment), reason, message];
  });
  const columns = ['Type', 'Status', 'LastTransitionTime', 'Reason', 'Message'];
  return rows.length === 0 ? [] : section('Conditions', table(columns, rows));
}

/** Columns of the times at which somebody has looked last, with their dashes. */
const lookedAt = {
  lastHeartbeatTime: 'LastHeartbeatTime',
  lastProbeTime: ['LastProbeTime', 17],
} as const;

/** The same with when somebody has looked last, too. */
export function watchedConditionLines(
  conditions: readonly Condition[] = [],
  { looked, moment }: { readonly looked: keyof typeof lookedAt; readonly moment: Moment },
): Lines {
  const rows = conditions.map(({ type = '', status = '', reason = '', message = '', ...when }) => [
    `${type} `,
    `${status} `,
    `${timeText(when[looked], moment)} `,
    `${timeText(when.lastTransitionTime, moment)} `,
    `${reason} `,
    message,
  ]);
  const columns = ['Type', 'Status', lookedAt[looked], 'LastTransitionTime', 'Reason', 'Message'];
  return rows.length === 0 ? [] : section('Conditions', table(columns, rows));
}
