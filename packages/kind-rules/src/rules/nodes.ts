import {
  checkDnsSubdomain,
  checkLabelValue,
  type Draft,
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  equalsJson,
} from '@fairway/protocol';
import type { Node, Taint } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { validateResourceAmount } from './compute-resources.ts';
import { expectOneOf, expectQualifiedName, FieldErrors } from '../field-checks.ts';
import { keepAllButStatus, keepStatus } from './status-subresource.ts';
import { cidr, unlessStored } from '../string-formats.ts';
import { taintEffects } from './validate-scheduling.ts';

type NodeDraft = ObjectDraft<Node>;

/**
 * Kubelets register with their status, so a new node may bring one. Taints are reported under
 * `metadata.taints`, as Kubernetes does, though they stand in the spec.
 * Source: v1 Node; core validation, ValidateNode.
 */
export const nodeRules: KindRules<NodeDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (node) => {
    node.spec ??= {};
    node.status ??= {};
    if (node.status.capacity && !node.status.allocatable) {
      node.status.allocatable = { ...node.status.capacity };
    }
  },
  prepareForCreate: (node) => {
    node.status ??= {};
    node.status.daemonEndpoints ??= { kubeletEndpoint: { Port: 0 } };
    node.status.nodeInfo = { ...emptyNodeInfo, ...node.status.nodeInfo };
  },
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate: keepAllButStatus,
  validate,
  validateUpdate,
  fieldLabels: { 'spec.unschedulable': (node) => String(node.spec?.unschedulable ?? false) },
};

const emptyNodeInfo = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  kernelVersion: '',
  osImage: '',
  containerRuntimeVersion: '',
  kubeletVersion: '',
  kubeProxyVersion: '',
  operatingSystem: '',
  architecture: '',
};

function validate(node: NodeDraft, stored?: NodeDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const check = unlessStored(cidr, stored?.spec?.podCIDRs);
  validateTaints(node.spec?.taints ?? [], 'metadata.taints', errors);
  for (const list of ['capacity', 'allocatable'] as const) {
    for (const [name, amount] of Object.entries(node.status?.[list] ?? {})) {
      validateResourceAmount({ name, amount, field: `status.${list}.${name}` }, errors);
    }
  }
  node.spec?.podCIDRs?.forEach((value, index) => {
    const wrong = check(value);
    if (wrong !== undefined) errors.push(invalidValue(`spec.podCIDRs[${index}]`, value, wrong));
  });
  return errors;
}

function validateTaints(taints: readonly Draft<Taint>[], field: string, errors: FieldErrors): void {
  const seen = new Set<string>();
  taints.forEach((taint, index) => {
    const path = `${field}[${index}]`;
    const { key = '', value = '', effect } = taint;
    expectQualifiedName(key, `${path}.key`, errors);
    const wrong = checkLabelValue(value);
    if (wrong !== undefined) errors.push(invalidValue(`${path}.value`, value, wrong));
    expectOneOf(effect, { field: `${path}.effect`, supported: taintEffects }, errors);
    const pair = `${key}:${effect}`;
    if (seen.has(pair)) {
      const detail = 'taints must be unique by key and effect pair';
      errors.push({ ...duplicate(path, taint), detail });
    }
    seen.add(pair);
  });
}

function validateUpdate(node: NodeDraft, stored: NodeDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const seen = new Set<string>();
  node.status?.addresses?.forEach((address, index) => {
    const pair = `${address.type}/${address.address}`;
    if (seen.has(pair)) errors.push(duplicate(`status.addresses[${index}]`, address));
    seen.add(pair);
  });
  const fixed = [
    ['podCIDRs', 'podCIDR'],
    ['providerID', 'providerID'],
  ] as const;
  for (const [name, word] of fixed) {
    const before = stored.spec?.[name];
    if (before?.length && !equalsJson(node.spec?.[name], before)) {
      const text = `node updates may not change ${word} except from "" to valid`;
      errors.push(forbiddenField(`spec.${name}`, text));
    }
  }
  return errors;
}
