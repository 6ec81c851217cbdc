import { type Shown, formatAmount } from '@fairway/kind-rules/shown';
import { LimitRange, ResourceQuota } from '@fairway/kinds/core/v1';
import { formatQuantity, parseQuantity } from '@fairway/protocol';
import { describerOf } from '../describer.ts';
import { type Lines, field, indented, lines, table } from '../lines.ts';
import { inTextOrder } from '../text-order.ts';

/** Describes how much a namespace may have, and has. */
export const resourceQuota = describerOf<ResourceQuota>({
  resource: ResourceQuota,
  events: 'none',
  describe: (quota) =>
    lines(
      field('Name', quota.metadata?.name ?? ''),
      field('Namespace', quota.metadata?.namespace ?? ''),
      scopeLines(quota, ' * '),
      table(['Resource', 'Used', 'Hard'], amountRows(quota, alike)),
    ),
});

/** Describes which amounts objects of a namespace may ask for. */
export const limitRange = describerOf<LimitRange>({
  resource: LimitRange,
  events: 'none',
  describe: (range) =>
    lines(
      field('Name', range.metadata?.name ?? ''),
      field('Namespace', range.metadata?.namespace ?? ''),
      table(limitColumns, limitRows(range)),
    ),
});

/** All quotas of a namespace. */
export function allQuotaLines(quotas: readonly Shown<ResourceQuota>[]): Lines {
  if (quotas.length === 0) return ['No resource quota.'];
  const nameOf = ({ metadata }: Shown<ResourceQuota>): string => metadata?.name ?? '';
  const sorted = [...quotas].sort((one, other) => inTextOrder(nameOf(one), nameOf(other)));
  const each = sorted.flatMap((quota) =>
    lines(
      field('Name', nameOf(quota)),
      scopeLines(quota, '* '),
      table(['Resource', ['Used', 3], ['Hard', 3]], amountRows(quota, asWritten)),
    ),
  );
  return ['Resource Quotas', ...indented(each)];
}

/** All limits of a namespace. */
export function allLimitLines(ranges: readonly Shown<LimitRange>[]): Lines {
  if (ranges.length === 0) return ['No LimitRange resource.'];
  const each = table(limitColumns, ranges.flatMap(limitRows));
  return ['Resource Limits', ...each.map((line) => ` ${line}`)];
}

const scopeTexts: ReadonlyMap<string, string> = new Map([
  [
    'Terminating',
    'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  ],
  [
    'NotTerminating',
    'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  ],
  [
    'BestEffort',
    'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  ],
  [
    'NotBestEffort',
    'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
  ],
]);

function scopeLines({ spec }: Shown<ResourceQuota>, mark: string): Lines {
  const scopes = [...(spec?.scopes ?? [])].sort();
  if (scopes.length === 0) return [];
  const texts = scopes.flatMap((scope) => scopeTexts.get(scope) ?? []);
  return [field('Scopes', scopes.join(', ')), ...texts.map((text) => mark + text)];
}

type Amount = string | number | undefined;

function amountRows(
  { status = {} }: Shown<ResourceQuota>,
  usedText: (used: Amount, hard: Amount) => string,
): readonly (readonly string[])[] {
  const { hard = {}, used = {} } = status;
  return Object.keys(hard)
    .sort()
    .map((name) => [name, usedText(used[name], hard[name]), asWritten(hard[name])]);
}

function asWritten(amount: Amount): string {
  return formatAmount(amount === undefined ? undefined : String(amount));
}

/** What is used in the spelling of what may be: `1Gi` of `4Gi`, however it was counted. */
function alike(used: Amount, hard: Amount): string {
  const amount = parseQuantity(String(used ?? '0'));
  const format = parseQuantity(String(hard ?? '0'))?.format;
  if (amount === undefined || format === undefined || amount.format === format) {
    return asWritten(used);
  }
  const whole = (amount.nanos + 999_999_999n) / 1_000_000_000n;
  return formatQuantity({ nanos: whole * 1_000_000_000n, format });
}

const limitColumns = [
  'Type',
  'Resource',
  'Min',
  'Max',
  'Default Request',
  'Default Limit',
  'Max Limit/Request Ratio',
];

/** One row a resource, in the order of their names. */
function limitRows({ spec }: Shown<LimitRange>): readonly (readonly string[])[] {
  return (spec?.limits ?? []).flatMap((limit) => {
    const { min, max, defaultRequest, default: byDefault, maxLimitRequestRatio } = limit;
    const amounts = [min, max, defaultRequest, byDefault, maxLimitRequestRatio];
    const names = new Set(amounts.flatMap((each) => Object.keys(each ?? {})));
    return [...names]
      .sort()
      .map((name) => [
        limit.type ?? '',
        name,
        ...amounts.map((each) => (each?.[name] === undefined ? '-' : asWritten(each[name]))),
      ]);
  });
}
