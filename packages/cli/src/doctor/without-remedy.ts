import type { ConnectionError } from '@fairway/client';

/** What an error says happened, without what it advises: that stands among the remedies. */
export function withoutRemedy({ message, remedy }: ConnectionError): string {
  return remedy === '' ? message : message.replace(`; ${remedy}`, '');
}
