import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  ParamKind,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from '@fairway/kinds/admissionregistration/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, integer, name, text } from './define-table.ts';
import { formatSelector } from './format-labels.ts';
import type { Shown } from './shown.ts';

type Webhooks = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;
type Binding = MutatingAdmissionPolicyBinding | ValidatingAdmissionPolicyBinding;

/**
 * Webhooks that change objects and webhooks that check them.
 * Source: kube-apiserver printers, printValidatingWebhook and its neighbours.
 */
export const webhookConfigurations: TableColumns = defineTable<Webhooks>([
  name,
  integer('Webhooks', 'Webhooks that are called.', ({ webhooks }) => (webhooks ?? []).length),
  age,
]);

const paramKindDescription = 'Kind of the objects that parameterize the policy.';

export const mutatingAdmissionPolicies: TableColumns = defineTable<MutatingAdmissionPolicy>([
  name,
  integer('Mutations', 'Changes that it makes.', ({ spec }) => (spec?.mutations ?? []).length),
  text('ParamKind', paramKindDescription, ({ spec }) => paramKind(spec?.paramKind)),
  age,
]);

export const validatingAdmissionPolicies: TableColumns = defineTable<ValidatingAdmissionPolicy>([
  name,
  integer('Validations', 'Checks that it makes.', ({ spec }) => (spec?.validations ?? []).length),
  text('ParamKind', paramKindDescription, ({ spec }) => paramKind(spec?.paramKind)),
  age,
]);

/** Bindings of both kinds of policies. */
export const admissionPolicyBindings: TableColumns = defineTable<Binding>([
  name,
  text('PolicyName', 'Policy that is put into force.', ({ spec }) => spec?.policyName ?? ''),
  text('ParamRef', 'Objects that parameterize it.', paramRef),
  age,
]);

function paramKind(kind: Shown<ParamKind> | undefined): string {
  return kind === undefined ? '<unset>' : `${kind.apiVersion ?? ''}/${kind.kind ?? ''}`;
}

/** Without a namespace, the parameters may lie in any, or in none. */
function paramRef({ spec }: Shown<Binding>): string {
  const { name: parameters, namespace, selector } = spec?.paramRef ?? {};
  if (parameters) return `${namespace || '*'}/${parameters}`;
  return selector === undefined ? '<unset>' : formatSelector(selector);
}
