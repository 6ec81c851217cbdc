import { type Draft, invalidValue, required } from '@fairway/protocol';
import type { WebhookClientConfig } from '@fairway/kinds/admissionregistration/v1';

import { expectPortNumber, type FieldErrors } from '../field-checks.ts';

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
  if (!service.name) errors.push(required(`${field}.service.name`, 'service name is required'));
  if (!service.namespace) {
    errors.push(required(`${field}.service.namespace`, 'service namespace is required'));
  }
  expectPortNumber(service.port ?? 443, `${field}.service.port`, errors);
  if (service.path !== undefined && !service.path.startsWith('/')) {
    const text = `must start with a '/'`;
    errors.push(invalidValue(`${field}.service.path`, service.path, text));
  }
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
    errors.push(
      invalidValue(field, parsed.username, 'user information is not permitted in the URL'),
    );
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
