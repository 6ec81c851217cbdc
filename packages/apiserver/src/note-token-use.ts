import { type TokenLookups, lastUsedLabel } from '@fairway/access';
import type { Logger } from '@fairway/host';
import { type Handler, formatResourcePath } from '@fairway/protocol';
import { callApi } from './calls/call-api.ts';

/**
 * Labels the secret of a token with the day on which it was used, once a day, through the API.
 *
 * Shape: for callers who come meanwhile, the label is on its way. A label that cannot be written is
 * logged; the next use tries again. Source: KEP-2799.
 */
export function noteTokenUse(handler: Handler, logger: Logger): TokenLookups['noteUsed'] {
  const underWay = new Set<string>();
  return async (namespace, name, day) => {
    const secrets = { group: '', version: 'v1', plural: 'secrets', isNamespaced: true };
    const path = formatResourcePath(secrets, { namespace, name });
    if (underWay.has(path)) return;
    underWay.add(path);
    try {
      await callApi(handler, 'PATCH', path, { metadata: { labels: { [lastUsedLabel]: day } } });
    } catch (error) {
      logger.warn('the last use of a token could not be noted', { namespace, name, error });
    } finally {
      underWay.delete(path);
    }
  };
}
