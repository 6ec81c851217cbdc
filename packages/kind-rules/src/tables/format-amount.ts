import { canonicalQuantity } from '@fairway/protocol';

/**
 * A quantity in the API's spelling (`1024Mi` is `1Gi`); none is `0`, nonsense stays as it is.
 * Source: API reference, Quantity.
 */
export function formatAmount(quantity: string | undefined): string {
  if (typeof quantity !== 'string') return '0';
  return canonicalQuantity(quantity) ?? quantity;
}
