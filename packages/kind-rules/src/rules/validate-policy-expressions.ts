import {
  checkQualifiedName,
  type Draft,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  Mutation,
  ValidatingAdmissionPolicy,
  Validation,
  Variable,
} from '@fairway/kinds/admissionregistration/v1';

import { expectUnique, type FieldErrors } from '../field-checks.ts';

// Source: admissionregistration.k8s.io/v1 Validation, AuditAnnotation, Variable and Mutation;
// admissionregistration validation.

const unspecifiedText = 'expression is not specified';
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const auditAnnotationsMax = 20;
const auditExpressionBytesMax = 5 * 1024;

/** Where expressions are, and whether they may name parameters. */
export interface ExpressionPlace {
  readonly field: string;
  readonly hasParams: boolean;
}

/** What is wrong with what a policy insists on, and what it notes in the audit log. */
export function validateValidations(
  policy: ObjectDraft<ValidatingAdmissionPolicy>,
  errors: FieldErrors,
): void {
  const { validations = [], auditAnnotations = [], paramKind } = policy.spec ?? {};
  const hasParams = Boolean(paramKind);
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const text = 'validations or auditAnnotations must contain at least one item';
    errors.push(required('spec.validations', text), required('spec.auditAnnotations', text));
    return;
  }
  validations.forEach((validation, index) => {
    validateValidation(validation, { field: `spec.validations[${index}]`, hasParams }, errors);
  });
  const field = 'spec.auditAnnotations';
  if (auditAnnotations.length > auditAnnotationsMax) {
    const text = `must not have more than ${auditAnnotationsMax} auditAnnotations`;
    errors.push(invalidValue(field, auditAnnotations, text));
  }
  const keys = new Set<string>();
  auditAnnotations.forEach(({ key = '', valueExpression = '' }, index) => {
    const path = `${field}[${index}]`;
    const name = policy.metadata?.name ?? '';
    const noted = name === '' ? key : `${name}/${key}`;
    const wrong = checkQualifiedName(noted);
    if (wrong !== undefined) errors.push(invalidValue(`${path}.key`, noted, wrong));
    const place = { field: `${path}.valueExpression`, hasParams };
    validateAuditExpression(valueExpression, place, errors);
    expectUnique(keys, { value: key, field: `${path}.key` }, errors);
  });
}

function validateAuditExpression(
  written: string,
  { field, hasParams }: ExpressionPlace,
  errors: FieldErrors,
): void {
  const text = written.trim();
  if (text === '') {
    errors.push(required(field, 'valueExpression is not specified'));
  } else if (Buffer.byteLength(text) > auditExpressionBytesMax) {
    const problem = `must not exceed ${auditExpressionBytesMax} bytes in length`;
    errors.push(required(field, problem));
  } else errors.judgeLater({ use: 'auditValue', field, text, written, hasParams });
}

function validateValidation(
  { expression = '', message = '', messageExpression = '', reason }: Draft<Validation>,
  { field, hasParams }: ExpressionPlace,
  errors: FieldErrors,
): void {
  const own = { field: `${field}.expression`, text: expression, hasParams };
  if (expression.trim() === '') errors.push(required(own.field, unspecifiedText));
  else errors.judgeLater({ use: 'validation', ...own });
  const emptyText = 'must be non-empty if specified';
  const ofMessage = { field: `${field}.messageExpression`, text: messageExpression, hasParams };
  if (messageExpression.trim() !== '') errors.judgeLater({ use: 'message', ...ofMessage });
  else if (messageExpression !== '') {
    errors.push(invalidValue(ofMessage.field, messageExpression, emptyText));
  }
  const text = message.trim();
  if (message !== '' && text === '') {
    errors.push(invalidValue(`${field}.message`, message, emptyText));
  } else if (/[\r\n]/.test(text)) {
    errors.push(invalidValue(`${field}.message`, message, 'must not contain line breaks'));
  } else if (text === '' && /[\r\n]/.test(expression.trim())) {
    const wanted = 'must be specified if expression contains line breaks';
    errors.push(required(`${field}.message`, wanted));
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(unsupported(`${field}.reason`, reason, reasons));
  }
}

/** What is wrong with the expressions that others may refer to by name. */
export function validateVariables(
  variables: readonly Draft<Variable>[],
  { field, hasParams }: ExpressionPlace,
  errors: FieldErrors,
): void {
  variables.forEach(({ name = '', expression = '' }, index) => {
    const path = `${field}[${index}]`;
    if (name.trim() === '') errors.push(required(`${path}.name`, 'name is not specified'));
    else if (!isCelIdentifier(name)) {
      errors.push(invalidValue(`${path}.name`, name, 'must be a valid CEL identifier'));
    }
    const own = { field: `${path}.expression`, text: expression, hasParams, name };
    if (expression.trim() === '') errors.push(required(own.field, unspecifiedText));
    else errors.judgeLater({ use: 'variable', ...own });
  });
}

// Source: CEL language definition, "Syntax": RESERVED and the literals.
const reservedWords: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

function isCelIdentifier(name: string): boolean {
  return /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !reservedWords.has(name);
}

const patchNames = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;

/** What is wrong with one change that a policy makes: one patch of the type that it names. */
export function validateMutation(
  mutation: Draft<Mutation>,
  { field, hasParams }: ExpressionPlace,
  errors: FieldErrors,
): void {
  const type = mutation.patchType ?? '';
  if (type === '') {
    errors.push(required(`${field}.patchType`));
    return;
  }
  if (type !== 'ApplyConfiguration' && type !== 'JSONPatch') {
    errors.push(unsupported(`${field}.patchType`, type, Object.keys(patchNames)));
    return;
  }
  for (const [each, name] of Object.entries(patchNames)) {
    const patch = mutation[name];
    const path = `${field}.${name}`;
    if (each !== type) {
      if (!patch) continue;
      const text = `must not be specified when patchType is ${type}`;
      errors.push(invalidValue(path, `{${name}}`, text));
    } else if (!patch) errors.push(required(path, `must be specified when patchType is ${type}`));
    else if (!patch.expression?.trim()) errors.push(required(`${path}.expression`));
    else {
      const own = { field: `${path}.expression`, text: patch.expression, hasParams };
      errors.judgeLater({ use: name, ...own });
    }
  }
}
