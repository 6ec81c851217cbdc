import type { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { humanDuration } from '@fairway/protocol';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text } from './define-table.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printCertificateSigningRequest. */
export const certificateSigningRequests: TableColumns = defineTable<CertificateSigningRequest>([
  name,
  age,
  text('SignerName', 'Who is asked to sign.', ({ spec }) => spec?.signerName || '<none>'),
  text('Requestor', 'Who asks.', ({ spec }) => spec?.username ?? ''),
  text('RequestedDuration', 'How long the certificate should be valid.', ({ spec }) => {
    const seconds = spec?.expirationSeconds;
    return seconds === undefined ? '<none>' : humanDuration(seconds * 1000);
  }),
  text('Condition', 'What has become of the request.', condition),
]);

/** `Approved,Issued` */
function condition({ status }: Shown<CertificateSigningRequest>): string {
  const has = (type: string) => status?.conditions?.some((each) => each.type === type) === true;
  return [
    ['Denied', 'Approved'].find(has) ?? 'Pending',
    ...(has('Failed') ? ['Failed'] : []),
    ...(status?.certificate ? ['Issued'] : []),
  ].join(',');
}
