import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from 'dns-packet';
import { shop } from '../../test/example-zone.ts';
import { answerQuery } from './answer-query.ts';

/** An answer in one line: the code where it is not NOERROR, then the records. */
function asked(type: string, name: string): string {
  const answer = answerQuery(shop, { name, type });
  if (answer === undefined) return 'elsewhere';
  const { outcome, answers, authorities, additionals, alias } = answer;
  const parts = [answers, authorities, additionals].map((each) => each.map(text).join(', '));
  if (outcome !== 'NOERROR') parts.unshift(outcome);
  if (alias !== undefined) parts.push(`-> ${alias}`);
  return parts.filter((part) => part !== '').join(' | ');
}

function text(record: Answer): string {
  if (record.type === 'SRV') {
    const { priority, weight, port, target } = record.data;
    return `SRV ${priority} ${weight} ${port} ${target}`;
  }
  if (record.type === 'SOA') return 'SOA';
  return `${record.type} ${'data' in record ? String(record.data) : ''}`;
}

const nothing = 'SOA';
const absent = 'NXDOMAIN | SOA';

for (const [type, name, expected] of [
  ['A', 'web.shop.svc', 'A 10.0.0.20'],
  ['AAAA', 'web.shop.svc', nothing],
  ['MX', 'web.shop.svc', nothing],
  ['A', 'dual.shop.svc', 'A 10.0.0.21'],
  ['AAAA', 'dual.shop.svc', 'AAAA fd00::21'],
  ['A', 'web.other.svc', absent],
  ['A', 'none.shop.svc', absent],
  // One endpoint of a service with an address of its own.
  ['A', '10-244-0-5.web.shop.svc', 'A 10.244.0.5'],
  ['A', '10-244-0-6.web.shop.svc', absent],
  ['AAAA', 'fd00-0--5.dual.shop.svc', 'AAAA FD00:0::5'],
  // Headless.
  ['A', 'db.shop.svc', 'A 10.244.0.7, A 10.244.0.8'],
  ['A', 'db-1.db.shop.svc', 'A 10.244.0.8'],
  ['A', '10-244-0-9.db.shop.svc', absent],
  ['A', 'bare.shop.svc', 'A 10.244.0.11'],
  ['SRV', 'bare.shop.svc', nothing],
  ['A', 'idle.shop.svc', absent],
  // Ports.
  ['SRV', '_http._tcp.web.shop.svc', 'SRV 0 100 80 web.shop.svc.cluster.local | A 10.0.0.20'],
  [
    'SRV',
    'web.shop.svc',
    'SRV 0 50 80 web.shop.svc.cluster.local, SRV 0 50 53 web.shop.svc.cluster.local | A 10.0.0.20',
  ],
  [
    'SRV',
    '_sql._tcp.db.shop.svc',
    'SRV 0 50 5432 db-0.db.shop.svc.cluster.local, SRV 0 50 5432 db-1.db.shop.svc.cluster.local | A 10.244.0.7, A 10.244.0.8',
  ],
  ['A', '_http._tcp.web.shop.svc', 'A 10.0.0.20'],
  ['SRV', '_http._udp.web.shop.svc', absent],
  ['SRV', 'http.tcp.web.shop.svc', absent],
  ['SRV', '_x._http._tcp.web.shop.svc', absent],
  // Names for others.
  ['A', 'out.shop.svc', 'CNAME example.com | -> example.com'],
  ['CNAME', 'out.shop.svc', 'CNAME example.com'],
  ['MX', 'out.shop.svc', 'CNAME example.com'],
  ['A', 'x.out.shop.svc', absent],
  ['A', 'to-number.shop.svc', absent],
  ['A', 'to-long.shop.svc', absent],
  // Pods, by the form of their names.
  ['A', '10-244-0-99.shop.pod', 'A 10.244.0.99'],
  ['AAAA', '10-244-0-99.shop.pod', nothing],
  ['AAAA', 'fd00--7.shop.pod', 'AAAA fd00::7'],
  ['A', '10-244-0-99.other.pod', absent],
  ['A', '10-244-0-999.shop.pod', absent],
  ['A', 'x.10-244-0-99.shop.pod', absent],
  // Where names lie below.
  ['A', 'shop.svc', nothing],
  ['A', 'other.svc', absent],
  ['A', 'svc', nothing],
  ['A', 'pod', nothing],
  ['A', 'x', absent],
  ['A', '', nothing],
  ['SOA', '', 'SOA'],
  ['NS', '', 'NS ns.dns.cluster.local | A 10.0.0.10'],
  ['A', 'ns.dns', 'A 10.0.0.10'],
  ['TXT', 'dns-version', 'TXT 1.1.0'],
  // Of `default.svc.cluster.local` in a search path.
  ['A', 'example.com.shop.svc', absent],
] as const) {
  test(`answerQuery() of ${type} ${name || 'the domain'}: ${expected}`, () => {
    assert.equal(asked(type, name === '' ? 'cluster.local' : `${name}.cluster.local`), expected);
  });
}

test('answerQuery() knows the names of addresses, and leaves those of others', () => {
  assert.equal(asked('PTR', '20.0.0.10.in-addr.arpa'), 'PTR web.shop.svc.cluster.local');
  assert.equal(asked('PTR', '7.0.244.10.in-addr.arpa'), 'PTR db-0.db.shop.svc.cluster.local');
  assert.equal(
    asked('PTR', '5.0.244.10.in-addr.arpa'),
    'PTR 10-244-0-5.web.shop.svc.cluster.local',
  );
  assert.equal(asked('A', '20.0.0.10.in-addr.arpa'), nothing);
  const fd0021 = `1.2.0.0.${'0.'.repeat(24)}0.0.d.f.ip6.arpa`;
  assert.equal(asked('PTR', fd0021), 'PTR dual.shop.svc.cluster.local');
  const fd005 = `5.0.0.0.${'0.'.repeat(24)}0.0.d.f.ip6.arpa`;
  assert.equal(asked('PTR', fd005), 'PTR fd00-0--5.dual.shop.svc.cluster.local');
  for (const name of [
    '9.0.244.10.in-addr.arpa',
    '0.244.10.in-addr.arpa',
    '300.0.0.10.in-addr.arpa',
    `x.${fd0021}`,
    'in-addr.arpa',
    'example.com',
    'xcluster.local',
    'local',
    '',
  ]) {
    assert.equal(asked('PTR', name), 'elsewhere', name);
  }
});

test('answerQuery() says how long others may keep what there is, and what there is not', () => {
  const found = answerQuery(shop, { type: 'A', name: 'web.shop.svc.cluster.local' });
  const missing = answerQuery(shop, { type: 'A', name: 'none.shop.svc.cluster.local' });
  assert.deepEqual(found?.answers, [
    { type: 'A', name: 'web.shop.svc.cluster.local', ttl: 30, data: '10.0.0.20' },
  ]);
  assert.deepEqual(missing?.authorities, [
    {
      type: 'SOA',
      name: 'cluster.local',
      ttl: 5,
      data: {
        mname: 'ns.dns.cluster.local',
        rname: 'hostmaster.cluster.local',
        serial: 7,
        refresh: 7200,
        retry: 1800,
        expire: 86400,
        minimum: 5,
      },
    },
  ]);
});
