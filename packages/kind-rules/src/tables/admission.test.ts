import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import {
  admissionPolicyBindings,
  mutatingAdmissionPolicies,
  validatingAdmissionPolicies,
  webhookConfigurations,
} from './admission.ts';

test('webhookConfigurations count webhooks', () => {
  deepEqual(rowOf(webhookConfigurations, { webhooks: [{}, {}] }), { Webhooks: 2 });
});

test('admission policies count what they do and name their parameters', () => {
  const paramKind = { apiVersion: 'example.org/v1', kind: 'Limit' };
  deepEqual(rowOf(validatingAdmissionPolicies, { spec: { validations: [{}], paramKind } }), {
    Validations: 1,
    ParamKind: 'example.org/v1/Limit',
  });
  deepEqual(rowOf(mutatingAdmissionPolicies, { spec: { mutations: [{}, {}] } }), {
    Mutations: 2,
    ParamKind: '<unset>',
  });
});

test('admissionPolicyBindings show which objects parameterize the policy', () => {
  const shown = (paramRef?: object) =>
    rowOf(admissionPolicyBindings, { spec: { policyName: 'p', paramRef } })['ParamRef'];
  equal(shown(), '<unset>');
  equal(shown({ name: 'x' }), '*/x');
  equal(shown({ name: 'x', namespace: 'n' }), 'n/x');
  equal(shown({ selector: { matchLabels: { a: 'b' } } }), 'a=b');
});
