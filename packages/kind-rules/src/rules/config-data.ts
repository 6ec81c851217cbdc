import { Buffer } from 'node:buffer';

import {
  annotationsOf,
  checkConfigMapKey,
  checkDnsSubdomain,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  tooLong,
  equalsJson,
} from '@fairway/protocol';
import type { ConfigMap, Secret } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectImmutable, FieldErrors } from '../field-checks.ts';

type ConfigMapDraft = ObjectDraft<ConfigMap>;
type SecretDraft = ObjectDraft<Secret>;

/** All values of one config map or secret together. */
const dataBytesMax = 1024 * 1024;
const frozenText = 'field is immutable when `immutable` is set';

/**
 * Once `immutable` is true it cannot be taken back.
 * Source: v1 ConfigMap; core validation, ValidateConfigMap; KEP-1412.
 */
export const configMapRules: KindRules<ConfigMapDraft> = {
  checkName: checkDnsSubdomain,
  validate: validateConfigMap,
  validateUpdate: (configMap, stored) => {
    const errors = new FieldErrors();
    if (!stored.immutable) return errors;
    if (!configMap.immutable) errors.push(forbiddenField('immutable', frozenText));
    for (const name of ['data', 'binaryData'] as const) {
      if (!equalsJson(configMap[name] ?? {}, stored[name] ?? {})) {
        errors.push(forbiddenField(name, frozenText));
      }
    }
    return errors;
  },
};

function validateConfigMap(configMap: ConfigMapDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  let bytes = 0;
  for (const [key, value] of Object.entries(configMap.data ?? {})) {
    expectKey(key, `data[${key}]`, errors);
    if (configMap.binaryData && Object.hasOwn(configMap.binaryData, key)) {
      errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
    bytes += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(configMap.binaryData ?? {})) {
    expectKey(key, `binaryData[${key}]`, errors);
    bytes += Buffer.byteLength(value, 'base64');
  }
  // The object itself has no path.
  if (bytes > dataBytesMax) errors.push(tooLong('[]', dataBytesMax));
  return errors;
}

/**
 * `stringData` is merged into `data` before anything else sees the secret, and each known type
 * needs its own keys.
 * Source: v1 Secret; core validation, ValidateSecret.
 */
export const secretRules: KindRules<SecretDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (secret) => {
    if (!secret.type) secret.type = 'Opaque';
    if (!secret.stringData) return;
    for (const [key, value] of Object.entries(secret.stringData)) {
      secret.data ??= {};
      secret.data[key] = Buffer.from(value).toString('base64');
    }
    delete secret.stringData;
  },
  validate: validateSecret,
  validateUpdate: (secret, stored) => {
    const errors = new FieldErrors();
    expectImmutable({ value: secret.type, stored: stored.type, field: 'type' }, errors);
    if (!stored.immutable) return errors;
    if (!secret.immutable) errors.push(forbiddenField('immutable', frozenText));
    if (!equalsJson(secret.data ?? {}, stored.data ?? {})) {
      errors.push(forbiddenField('data', frozenText));
    }
    return errors;
  },
  prepareForUpdate: (secret, stored) => {
    if (!secret.type && stored.type) secret.type = stored.type;
  },
  fieldLabels: { type: (secret) => secret.type ?? '' },
};

function validateSecret(secret: SecretDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  let bytes = 0;
  for (const [key, value] of Object.entries(secret.data ?? {})) {
    expectKey(key, `data[${key}]`, errors);
    bytes += Buffer.byteLength(value, 'base64');
  }
  if (bytes > dataBytesMax) errors.push(tooLong('data', dataBytesMax));
  validateSecretType(secret, errors);
  return errors;
}

const accountAnnotation = 'kubernetes.io/service-account.name';

function validateSecretType(secret: SecretDraft, errors: FieldErrors): void {
  const data = secret.data ?? {};
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      if (!annotationsOf(secret)[accountAnnotation]) {
        errors.push(required(`metadata.annotations[${accountAnnotation}]`));
      }
      break;
    case 'kubernetes.io/dockercfg':
      expectJsonObject(data, '.dockercfg', errors);
      break;
    case 'kubernetes.io/dockerconfigjson':
      expectJsonObject(data, '.dockerconfigjson', errors);
      break;
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) {
        errors.push(required('data[username]'), required('data[password]'));
      }
      break;
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.push(required('data[ssh-privatekey]'));
      break;
    case 'kubernetes.io/tls':
      for (const key of ['tls.crt', 'tls.key']) {
        if (data[key] === undefined) errors.push(required(`data[${key}]`));
      }
      break;
    default:
  }
}

function expectJsonObject(
  data: Readonly<Record<string, string>>,
  key: string,
  errors: FieldErrors,
): void {
  const value = data[key];
  if (value === undefined) {
    errors.push(required(`data[${key}]`));
    return;
  }
  const wrong = whyNoJsonObject(Buffer.from(value, 'base64').toString());
  if (wrong !== undefined) {
    errors.push(invalidValue(`data[${key}]`, '<secret contents redacted>', wrong));
  }
}

/** Says nothing of the contents: they are secret. */
function whyNoJsonObject(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && !Array.isArray(value);
    return isObject
      ? undefined
      : 'json: cannot unmarshal into Go value of type map[string]interface {}';
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text === '' ? 'unexpected end of JSON input' : 'invalid JSON';
  }
}

function expectKey(key: string, field: string, errors: FieldErrors): void {
  const wrong = checkConfigMapKey(key);
  if (wrong !== undefined) errors.push(invalidValue(field, key, wrong));
}
