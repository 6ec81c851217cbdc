import { type Shown, formatAmount } from '@fairway/kind-rules/shown';
import type {
  Container,
  EnvFromSource,
  EnvVar,
  Pod,
  ResourceFieldSelector,
} from '@fairway/kinds/core/v1';
import { milliOf, parseQuantity, wholeOf } from '@fairway/protocol';
import { type Lines, field } from '../lines.ts';

/** Where whole sets of variables come from. */
export function sourceLines(sources: readonly Shown<EnvFromSource>[]): Lines {
  return sources.map(({ configMapRef, secretRef, prefix }) => {
    const from = configMapRef === undefined ? (secretRef ? 'Secret' : '') : 'ConfigMap';
    const { name = '', optional = false } = configMapRef ?? secretRef ?? {};
    return `${name}\t${from}${prefix ? ` with prefix '${prefix}'` : ''}\tOptional: ${optional}`;
  });
}

/** The variables of a container; what comes from secrets and config maps is named, not shown. */
export function variableLines(container: Shown<Container>, pod: Shown<Pod> | undefined): Lines {
  return (container.env ?? []).flatMap((variable) => oneVariable(variable, container, pod));
}

function oneVariable(
  { name = '', value = '', valueFrom }: Shown<EnvVar>,
  container: Shown<Container>,
  pod: Shown<Pod> | undefined,
): Lines {
  if (valueFrom === undefined) {
    const [first = '', ...more] = value.split('\n');
    return [field(name, first), ...more.map((line) => `\t${line}`)];
  }
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
  if (fieldRef !== undefined) {
    const { apiVersion = '', fieldPath = '' } = fieldRef;
    const text = pod === undefined ? '' : metadataValue(pod, fieldPath);
    return [field(name, `${text} (${apiVersion}:${fieldPath})`)];
  }
  if (resourceFieldRef !== undefined) {
    const amount = amountValue(resourceFieldRef, container);
    return [field(name, `${amount} (${resourceFieldRef.resource ?? ''})`)];
  }
  const reference = secretKeyRef ?? configMapKeyRef;
  if (reference === undefined) return [];
  const place = secretKeyRef === undefined ? 'of config map' : 'in secret';
  const { key = '', name: source = '', optional = false } = reference;
  const text = `<set to the key '${key}' ${place} '${source}'>\tOptional: ${optional}`;
  return [field(name, text)];
}

/** Names are told; kubectl knows no other field by itself. */
function metadataValue({ metadata }: Shown<Pod>, path: string): string {
  if (path === 'metadata.name') return metadata?.name ?? '';
  return path === 'metadata.namespace' ? (metadata?.namespace ?? '') : '';
}

/** An amount of a container in the unit of its divisor, rounded up. */
function amountValue(
  { resource = '', divisor }: Shown<ResourceFieldSelector>,
  { resources }: Shown<Container>,
): string {
  const [list = '', name = ''] = resource.split('.');
  if (list !== 'limits' && list !== 'requests') return '';
  if (!/^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(name)) return '';
  const amount = String(resources?.[list]?.[name] ?? '0');
  const unit = formatAmount(divisor === undefined ? undefined : String(divisor));
  const value = String(inUnits(amount, unit === '0' ? '1' : unit, name === 'cpu'));
  const isOfNode = value === '0' && (resource === 'limits.cpu' || resource === 'limits.memory');
  return isOfNode ? 'node allocatable' : value;
}

function inUnits(amount: string, unit: string, isMilli: boolean): number {
  if (parseQuantity(unit) === undefined) return 0;
  const of = isMilli ? milliOf : wholeOf;
  return Math.ceil(of(amount) / of(unit));
}
