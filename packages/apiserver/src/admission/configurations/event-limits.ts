import { type FieldReader, invalidValue } from '@fairway/protocol';
import type { EventLimit, EventLimitType } from '../event-rate-limit.ts';

const types: readonly string[] = [
  'Server',
  'Namespace',
  'User',
  'SourceAndObject',
] satisfies EventLimitType[];

const cacheSizeDefault = 4_096;

/** Source: eventratelimit.admission.k8s.io/v1alpha1 Configuration. */
export function readEventLimits(reader: FieldReader, document: unknown): readonly EventLimit[] {
  const { limits } = reader.object('', document, ['apiVersion', 'kind', 'limits']);
  const entries = reader.list('limits', limits);
  if (entries.length === 0) {
    reader.problems.push(invalidValue('limits', [], 'must not be empty'));
  }
  return entries.map((entry, at) => {
    const field = `limits[${at}]`;
    const fields = reader.object(field, entry, ['type', 'qps', 'burst', 'cacheSize']);
    const number = (name: string, min: number, problem: string): number => {
      const value = fields[name] ?? 0;
      if (typeof value === 'number' && Number.isInteger(value) && value >= min) return value;
      reader.problems.push(invalidValue(`${field}.${name}`, value, problem));
      return min;
    };
    const type = reader.choice(`${field}.type`, fields['type'], types) as EventLimitType;
    return {
      type,
      burst: number('burst', 1, 'must be positive'),
      qps: number('qps', 1, 'must be positive'),
      cacheSize: number('cacheSize', 0, 'must not be negative') || cacheSizeDefault,
    };
  });
}
