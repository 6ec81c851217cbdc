import {
  checkDnsSubdomain,
  checkPathSegment,
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import type { ControllerRevision } from '@fairway/kinds/apps/v1';
import type { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import type { Binding, PodTemplate } from '@fairway/kinds/core/v1';
import type { FlowSchema, PriorityLevelConfiguration } from '@fairway/kinds/flowcontrol/v1';

import type { KindRules } from '../registry/kind-rules.ts';
import type { ObjectDraft } from './draft.ts';
import {
  expectImmutable,
  expectNonNegative,
  expectOneOf,
  expectPortNumber,
  type FieldErrors,
} from './field-checks.ts';
import { isEqualJson } from './is-equal-json.ts';
import { applyPodTemplateDefaults } from './pod-spec-defaults.ts';
import { statusRules } from './status-subresource.ts';
import { validatePodTemplate } from './validate-pod-spec.ts';

type ApiServiceDraft = ObjectDraft<APIService>;
type RequestDraft = ObjectDraft<CertificateSigningRequest>;
type FlowSchemaDraft = ObjectDraft<FlowSchema>;
type PriorityLevelDraft = ObjectDraft<PriorityLevelConfiguration>;

export const podTemplateRules: KindRules<ObjectDraft<PodTemplate>> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (holder) => {
    holder.template ??= {};
    applyPodTemplateDefaults(holder.template);
  },
  validate: (holder) => {
    const errors: FieldErrors = [];
    validatePodTemplate(holder.template ?? {}, 'template', errors);
    return errors;
  },
};

export const controllerRevisionRules: KindRules<ObjectDraft<ControllerRevision>> = {
  checkName: checkDnsSubdomain,
  hasGeneration: false,
  validate: (revision) => {
    const errors: FieldErrors = [];
    if (!revision.data) errors.push(required('data', 'data is mandatory'));
    expectNonNegative(revision.revision, 'revision', errors);
    return errors;
  },
  validateUpdate: (revision, stored) => {
    const errors: FieldErrors = [];
    expectImmutable({ value: revision.data, stored: stored.data, field: 'data' }, errors);
    return errors;
  },
};

/** Says to which node a pod goes. Never stored. */
export const bindingRules: KindRules<ObjectDraft<Binding>> = {
  checkName: checkDnsSubdomain,
  hasGeneration: false,
  validate: (binding) => {
    const errors: FieldErrors = [];
    const kind = binding.target?.kind ?? '';
    if (kind !== '' && kind !== 'Node') {
      errors.push(unsupported('target.kind', kind, ['Node', '<empty>']));
    }
    if (!binding.target?.name) errors.push(required('target.name'));
    return errors;
  },
};

export const apiServiceRules: KindRules<ApiServiceDraft> = {
  checkName: checkPathSegment,
  hasGeneration: false,
  applyDefaults: (service) => {
    service.spec ??= {};
    if (service.spec.service) service.spec.service.port ??= 443;
  },
  ...statusRules<ApiServiceDraft>(() => ({})),
  validate: (service) => {
    const errors: FieldErrors = [];
    const spec = service.spec ?? {};
    const name = service.metadata?.name ?? '';
    const expected = `${spec.version ?? ''}.${spec.group ?? ''}`;
    if (name !== expected) {
      const text = '`metadata.name` must be `spec.version+"."+spec.group`';
      errors.push(invalidValue('metadata.name', name, text));
    }
    if (!spec.version) errors.push(required('spec.version'));
    const groupPriority = spec.groupPriorityMinimum ?? 0;
    if (groupPriority <= 0 || groupPriority > 20000) {
      const text = 'must be positive and less than 20000';
      errors.push(invalidValue('spec.groupPriorityMinimum', groupPriority, text));
    }
    const priority = spec.versionPriority ?? 0;
    if (priority <= 0 || priority > 1000) {
      const text = 'must be positive and less than 1000';
      errors.push(invalidValue('spec.versionPriority', priority, text));
    }
    if (!spec.service) {
      if (spec.caBundle) {
        const text = 'local APIServices may not have a caBundle';
        errors.push(invalidValue('spec.caBundle', `${spec.caBundle.length} bytes`, text));
      }
      return errors;
    }
    if (!spec.service.namespace) errors.push(required('spec.service.namespace'));
    if (!spec.service.name) errors.push(required('spec.service.name'));
    expectPortNumber(spec.service.port ?? 443, 'spec.service.port', errors);
    if (spec.insecureSkipTLSVerify && spec.caBundle) {
      const text = 'may not be true if caBundle is present';
      errors.push(invalidValue('spec.insecureSkipTLSVerify', true, text));
    }
    return errors;
  },
};

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/** Who asks (`spec.username`, groups, uid, extra) is filled in by the server that authenticated. */
export const certificateSigningRequestRules: KindRules<RequestDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: false,
  ...statusRules<RequestDraft>(() => ({})),
  validate: (request) => {
    const errors: FieldErrors = [];
    const spec = request.spec ?? {};
    const pem = Buffer.from(spec.request ?? '', 'base64').toString('latin1');
    if (
      !/^-----BEGIN CERTIFICATE REQUEST-----\r?\n[\s\S]+-----END CERTIFICATE REQUEST-----/m.test(
        pem,
      )
    ) {
      const text = 'PEM block type must be CERTIFICATE REQUEST';
      errors.push(invalidValue('spec.request', spec.request ?? '', text));
    }
    if (!spec.usages?.length) errors.push(required('spec.usages'));
    const seen = new Set<string>();
    spec.usages?.forEach((usage, index) => {
      const path = `spec.usages[${index}]`;
      if (!usages.includes(usage)) errors.push(unsupported(path, usage, usages));
      else if (seen.has(usage)) {
        errors.push({ reason: 'FieldValueDuplicate', field: path, value: usage, detail: '' });
      }
      seen.add(usage);
    });
    validateSignerName(spec.signerName ?? '', errors);
    const seconds = spec.expirationSeconds;
    if (seconds !== undefined && seconds < 600) {
      const text = 'may not specify a duration less than 600 seconds (10 minutes)';
      errors.push(invalidValue('spec.expirationSeconds', seconds, text));
    }
    return errors;
  },
  validateUpdate: (request, stored) => {
    const errors: FieldErrors = [];
    expectImmutable({ value: request.spec, stored: stored.spec, field: 'spec' }, errors);
    return errors;
  },
  fieldLabels: { 'spec.signerName': (request) => request.spec?.signerName ?? '' },
};

function validateSignerName(name: string, errors: FieldErrors): void {
  const field = 'spec.signerName';
  if (name === '') {
    errors.push(required(field));
    return;
  }
  const [domain = '', path, ...more] = name.split('/');
  if (path === undefined || more.length > 0 || path === '') {
    const text = 'must be a fully qualified domain and path of the form "example.com/signer-name"';
    errors.push(invalidValue(field, name, text));
    return;
  }
  const wrong = checkDnsSubdomain(domain);
  if (wrong !== undefined) errors.push(invalidValue(field, domain, wrong));
  else if (!domain.includes('.')) {
    const text = 'should be a domain with at least two segments separated by dots';
    errors.push(invalidValue(field, domain, text));
  }
}

export const flowSchemaRules: KindRules<FlowSchemaDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (schema) => {
    schema.spec ??= {};
    if (!schema.spec.matchingPrecedence) schema.spec.matchingPrecedence = 1000;
  },
  ...statusRules<FlowSchemaDraft>(() => ({})),
  validate: (schema) => {
    const errors: FieldErrors = [];
    const spec = schema.spec ?? {};
    const precedence = spec.matchingPrecedence ?? 0;
    if (precedence <= 0) {
      const text = 'must be a positive value';
      errors.push(invalidValue('spec.matchingPrecedence', precedence, text));
    }
    if (precedence > 10000) {
      const text = 'must not be greater than 10000';
      errors.push(invalidValue('spec.matchingPrecedence', precedence, text));
    }
    if (precedence === 1 && schema.metadata?.name !== 'exempt') {
      const text = "only the schema named 'exempt' may have matchingPrecedence 1";
      errors.push(invalidValue('spec.matchingPrecedence', precedence, text));
    }
    const method = spec.distinguisherMethod;
    if (method) {
      const supported = ['ByNamespace', 'ByUser'];
      expectOneOf(method.type, { field: 'spec.distinguisherMethod.type', supported }, errors);
    }
    if (!spec.priorityLevelConfiguration?.name) {
      errors.push(
        required('spec.priorityLevelConfiguration.name', 'must reference a priority level'),
      );
    }
    spec.rules?.forEach((rule, index) => {
      if (!rule.subjects?.length) {
        const text = 'subjects must contain at least one value';
        errors.push(required(`spec.rules[${index}].subjects`, text));
      }
      if (!rule.resourceRules?.length && !rule.nonResourceRules?.length) {
        const text = 'at least one of resourceRules and nonResourceRules has to be non-empty';
        errors.push(required(`spec.rules[${index}]`, text));
      }
    });
    return errors;
  },
};

export const priorityLevelConfigurationRules: KindRules<PriorityLevelDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (level) => {
    level.spec ??= {};
    const { exempt, limited } = level.spec;
    if (exempt) {
      exempt.nominalConcurrencyShares ??= 0;
      exempt.lendablePercent ??= 0;
    }
    if (!limited) return;
    limited.nominalConcurrencyShares ??= 30;
    limited.lendablePercent ??= 0;
    const queuing = limited.limitResponse?.queuing;
    if (!queuing) return;
    if (!queuing.handSize) queuing.handSize = 8;
    if (!queuing.queues) queuing.queues = 64;
    if (!queuing.queueLengthLimit) queuing.queueLengthLimit = 50;
  },
  ...statusRules<PriorityLevelDraft>(() => ({})),
  validate: validatePriorityLevel,
};

function validatePriorityLevel(level: PriorityLevelDraft): readonly FieldError[] {
  const errors: FieldErrors = [];
  const spec = level.spec ?? {};
  expectOneOf(spec.type, { field: 'spec.type', supported: ['Exempt', 'Limited'] }, errors);
  if (spec.type === 'Exempt' && spec.limited) {
    errors.push(forbiddenField('spec.limited', 'must be nil if the type is not Limited'));
  }
  if (spec.type !== 'Limited') return errors;
  if (spec.exempt) {
    errors.push(forbiddenField('spec.exempt', 'must be nil if the type is Limited'));
  }
  const limited = spec.limited;
  if (!limited) {
    errors.push(required('spec.limited', 'must not be empty when type is Limited'));
    return errors;
  }
  expectNonNegative(
    limited.nominalConcurrencyShares,
    'spec.limited.nominalConcurrencyShares',
    errors,
  );
  const percent = limited.lendablePercent ?? 0;
  if (percent < 0 || percent > 100) {
    const text = 'must be between 0 and 100, inclusive';
    errors.push(invalidValue('spec.limited.lendablePercent', percent, text));
  }
  const response = limited.limitResponse ?? {};
  const field = 'spec.limited.limitResponse';
  expectOneOf(response.type, { field: `${field}.type`, supported: ['Queue', 'Reject'] }, errors);
  if (response.type === 'Reject' && response.queuing) {
    const text = 'must be nil if limited.limitResponse.type is not Limited';
    errors.push(forbiddenField(`${field}.queuing`, text));
  }
  if (response.type === 'Queue' && !response.queuing) {
    const text = 'must not be empty if limited.limitResponse.type is Limited';
    errors.push(required(`${field}.queuing`, text));
  }
  if (isEqualJson(response.queuing?.handSize, undefined)) return errors;
  if ((response.queuing?.handSize ?? 0) > (response.queuing?.queues ?? 0)) {
    const text = `should not be greater than queues (${response.queuing?.queues})`;
    errors.push(invalidValue(`${field}.queuing.handSize`, response.queuing?.handSize, text));
  }
  return errors;
}
