import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { certificateSigningRequests } from './certificate-signing-requests.ts';

test('certificateSigningRequests show who asks whom for what', () => {
  const spec = { signerName: 'example.org/s', username: 'ann', expirationSeconds: 86_400 };
  deepEqual(rowOf(certificateSigningRequests, { spec }), {
    SignerName: 'example.org/s',
    Requestor: 'ann',
    RequestedDuration: '24h',
    Condition: 'Pending',
  });
});

test('certificateSigningRequests show what has become of them', () => {
  const shown = (types: readonly string[], certificate = '') => {
    const status = { conditions: types.map((type) => ({ type })), certificate };
    return rowOf(certificateSigningRequests, { status })['Condition'];
  };
  equal(shown(['Approved'], 'LS0t'), 'Approved,Issued');
  equal(shown(['Approved', 'Denied']), 'Denied');
  equal(shown(['Approved', 'Failed']), 'Approved,Failed');
});
