import { checkDnsSubdomain, type Draft, invalidValue, required } from '@fairway/protocol';
import type { WebhookClientConfig } from '@fairway/kinds/admissionregistration/v1';

import type { FieldErrors } from '../field-checks.ts';

/**
 * What is wrong with how a webhook is reached: by URL or by service.
 * Source: apiserver, util/webhook validation.
 */
export function validateClientConfig(
  config: Draft<WebhookClientConfig>,
  field: string,
  errors: FieldErrors,
): void {
  if ((config.url === undefined) === (config.service === undefined)) {
    errors.push(required(field, 'exactly one of url or service is required'));
    return;
  }
  if (config.url !== undefined) validateWebhookUrl(config.url, `${field}.url`, errors);
  const service = config.service;
  if (!service) return;
  if (!service.name) errors.push(required(`${field}.service.name`));
  if (!service.namespace) errors.push(required(`${field}.service.namespace`));
  const port = service.port ?? 443;
  if (port < 1 || port > 65535) {
    const text = 'port is not valid: must be between 1 and 65535, inclusive';
    errors.push(invalidValue(`${field}.service.port`, port, text));
  }
  if (service.path) validateServicePath(service.path, `${field}.service.path`, errors);
}

/** Each step of the path is a name. */
function validateServicePath(path: string, field: string, errors: FieldErrors): void {
  if (path === '/') return;
  if (path === '//') {
    errors.push(invalidValue(field, path, 'segment[0] may not be empty'));
    return;
  }
  if (!path.startsWith('/')) errors.push(invalidValue(field, path, "must start with a '/'"));
  const steps = path.slice(1).replace(/\/$/, '').split('/');
  steps.forEach((step, index) => {
    const wrong = step === '' ? undefined : checkDnsSubdomain(step);
    if (step === '') errors.push(invalidValue(field, path, `segment[${index}] may not be empty`));
    else if (wrong !== undefined) {
      errors.push(invalidValue(field, path, `segment[${index}]: ${wrong}`));
    }
  });
}

function validateWebhookUrl(url: string, field: string, errors: FieldErrors): void {
  const form = '; desired format: https://host[/path]';
  if (!URL.canParse(url)) {
    errors.push(required(field, `url must be a valid URL: cannot parse${form}`));
    return;
  }
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:') {
    const scheme = parsed.protocol.slice(0, -1);
    errors.push(invalidValue(field, scheme, `'https' is the only allowed URL scheme${form}`));
  }
  if (parsed.host === '') errors.push(invalidValue(field, '', `host must be specified${form}`));
  if (parsed.username !== '' || parsed.password !== '') {
    const user = parsed.password === '' ? parsed.username : `${parsed.username}:${parsed.password}`;
    errors.push(invalidValue(field, user, 'user information is not permitted in the URL'));
  }
  if (parsed.hash !== '') {
    errors.push(
      invalidValue(field, parsed.hash.slice(1), 'fragments are not permitted in the URL'),
    );
  }
  if (parsed.search !== '') {
    const text = 'query parameters are not permitted in the URL';
    errors.push(invalidValue(field, parsed.search.slice(1), text));
  }
}
