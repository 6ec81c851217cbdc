import { CommandError } from '../command-error.ts';
import { readLabelSelector } from '../selection/selection-flags.ts';
import type { Generator } from './generator.ts';

/** `create namespace` */
export const namespace: Generator<object> = ({ name }) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});

/** `create serviceaccount` */
export const serviceAccount: Generator<object> = ({ name }) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name },
});

interface QuotaFlags {
  readonly hard?: string;
  readonly scopes?: string;
}

/** `create quota` */
export const resourceQuota: Generator<QuotaFlags> = ({ name, flags }) => {
  const { hard = '', scopes = '' } = flags;
  const limits = partsOf(hard).map((text) => {
    const [resource = '', quantity = '', ...rest] = text.split('=');
    if (resource !== '' && quantity !== '' && rest.length === 0) return [resource, quantity];
    throw new CommandError(`Invalid argument syntax ${text}, expected <resource>=<value>`);
  });
  const spec = {
    ...(limits.length === 0 ? {} : { hard: Object.fromEntries(limits) as object }),
    ...(scopes === '' ? {} : { scopes: partsOf(scopes) }),
  };
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec };
};

interface DisruptionFlags {
  readonly selector?: string;
  readonly minAvailable?: string;
  readonly maxUnavailable?: string;
}

/** `create poddisruptionbudget` */
export const podDisruptionBudget: Generator<DisruptionFlags> = ({ name, flags }) => {
  const { selector: text = '', minAvailable, maxUnavailable } = flags;
  if (text === '') throw new CommandError('a selector must be specified');
  if (minAvailable === undefined && maxUnavailable === undefined) {
    throw new CommandError('one of min-available or max-unavailable must be specified');
  }
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    throw new CommandError('min-available and max-unavailable cannot be both specified');
  }
  const limit =
    minAvailable === undefined
      ? { maxUnavailable: numberOrShare('--max-unavailable', maxUnavailable) }
      : { minAvailable: numberOrShare('--min-available', minAvailable) };
  const spec = { ...limit, selector: selectorOf(text) };
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec };
};

function selectorOf(text: string): object {
  const all = readLabelSelector('--selector', text);
  const equal = all.filter(({ operator }) => operator === '=');
  const expressions = all
    .filter(({ operator }) => operator !== '=')
    .map(({ key, operator, values }) => {
      const written = operators[operator];
      if (written === undefined) {
        throw new CommandError(`--selector ${text}: an object cannot hold ${key} ${operator}`);
      }
      return { key, operator: written, ...(values.length === 0 ? {} : { values }) };
    });
  const labels = equal.map(({ key, values }) => [key, values[0]] as const);
  return {
    ...(labels.length === 0 ? {} : { matchLabels: Object.fromEntries(labels) as object }),
    ...(expressions.length === 0 ? {} : { matchExpressions: expressions }),
  };
}

const operators: Readonly<Record<string, string>> = {
  in: 'In',
  notin: 'NotIn',
  '!=': 'NotIn',
  exists: 'Exists',
  absent: 'DoesNotExist',
};

function numberOrShare(flag: string, text = ''): number | string {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  if (/^\d{1,3}%$/.test(text)) return text;
  throw new CommandError(
    `invalid format specified for ${flag}: ${JSON.stringify(text)} is neither a number nor a share such as 50%`,
  );
}

interface PriorityFlags {
  readonly value: string;
  readonly globalDefault?: boolean;
  readonly description?: string;
  readonly preemptionPolicy: string;
}

/** `create priorityclass` */
export const priorityClass: Generator<PriorityFlags> = ({ name, flags }) => {
  const { value, globalDefault, description = '', preemptionPolicy } = flags;
  if (!/^-?\d{1,10}$/.test(value)) {
    throw new CommandError(`cannot use --value ${JSON.stringify(value)}: it is a number`);
  }
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value: Number(value),
    ...(globalDefault === true ? { globalDefault } : {}),
    ...(description === '' ? {} : { description }),
    preemptionPolicy,
  };
};

function partsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(',').map((part) => part.trim());
}
