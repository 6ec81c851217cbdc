import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, type Question, decode, encode } from 'dns-packet';
import { type Logger, silentLogger } from '@fairway/host';
import { seededRandom } from '@fairway/host/testing';
import { shop, zoneOf } from '../../test/example-zone.ts';
import { headerBytes, questionEnd } from './message-layout.ts';
import { NameResolver } from './name-resolver.ts';
import type { Query } from './read-query.ts';

const recursionDesired = 0x01_00;

const noFailures: Logger = {
  ...silentLogger,
  error: (message, fields) => assert.fail(`${message}: ${String(fields?.['error'])}`),
};

type Asked = Pick<Query, 'flags' | 'questionBytes' | 'edns'>;

/** A resolver of the shop; another server says `elsewhere` of each question that is not for it. */
function resolverOf(elsewhere: (asked: Asked) => Buffer | Promise<Buffer | undefined>) {
  return new NameResolver(shop, { ask: elsewhere }, noFailures);
}

const alone = resolverOf(() => assert.fail('nobody else is to be asked'));

function query(name: string, options: Partial<Question> & { additionals?: Answer[] } = {}): Buffer {
  const { type = 'A', class: of = 'IN', additionals = [] } = options;
  const questions = [{ name, type, class: of }];
  return encode({ type: 'query', id: 4711, flags: recursionDesired, questions, additionals });
}

function edns(udpPayloadSize: number, ednsVersion = 0): Answer[] {
  const rest = { extendedRcode: 0, flags: 0, flag_do: false, options: [] };
  return [{ type: 'OPT', name: '.', udpPayloadSize, ednsVersion, ...rest }];
}

/** What another server says: an address, or a name for another name. */
function answering(asked: Asked, records: readonly Answer[], code = 0): Buffer {
  const empty = encode({ type: 'response', id: 1, flags: 0x01_80 | code });
  empty.writeUInt16BE(1, 4);
  const body = encode({ answers: [...records] });
  empty.writeUInt16BE(records.length, 6);
  return Buffer.concat([empty, asked.questionBytes, body.subarray(headerBytes)]);
}

function codeOf(message: Buffer | undefined): number {
  assert.ok(message !== undefined);
  return message.readUInt16BE(2) & 0xf;
}

test('NameResolver answers in the letters of the question, for the cluster and with recursion', async () => {
  const message = await alone.answer(query('WEB.shop.svc.Cluster.LOCAL'), 'udp');
  assert.ok(message !== undefined);
  const answer = decode(message);
  assert.deepEqual(answer.questions, [
    { name: 'WEB.shop.svc.Cluster.LOCAL', type: 'A', class: 'IN' },
  ]);
  assert.equal(answer.id, 4711);
  assert.deepEqual(
    [answer.flag_qr, answer.flag_aa, answer.flag_rd, answer.flag_ra, answer.flag_tc],
    [true, true, true, true, false],
  );
  const [record] = answer.answers ?? [];
  assert.deepEqual(record?.type === 'A' && [record.name, record.data, record.ttl], [
    'WEB.shop.svc.Cluster.LOCAL',
    '10.0.0.20',
    30,
  ]);
});

test('NameResolver sends as many records as fit, and says that there are more', async () => {
  const endpoints = Array.from({ length: 100 }, (_, at) => ({ addresses: [`10.244.1.${at}`] }));
  const labels = { 'kubernetes.io/service-name': 'many' };
  const metadata = { name: 'many', namespace: 'shop' };
  const zone = zoneOf(
    [{ metadata, spec: { clusterIP: 'None' } }],
    [{ metadata: { ...metadata, labels }, addressType: 'IPv4', endpoints, ports: [] }],
  );
  const many = new NameResolver(zone, { ask: () => assert.fail() }, noFailures);
  const name = 'many.shop.svc.cluster.local';
  for (const [additionals, transport, bytesMax, least] of [
    [[], 'udp', 512, 28],
    [edns(100), 'udp', 512, 27],
    [edns(1000), 'udp', 1000, 55],
    [edns(4096), 'udp', 1232, 70],
    [[], 'tcp', 65_535, 100],
  ] as const) {
    const message = await many.answer(query(name, { additionals: [...additionals] }), transport);
    assert.ok(message !== undefined && message.length <= bytesMax);
    const { answers = [], flag_tc: isCut, additionals: more = [] } = decode(message);
    assert.equal(answers.length >= least, true, `${answers.length} of ${least}`);
    assert.equal(isCut, answers.length < 100);
    assert.deepEqual(
      more.map(({ type }) => type),
      additionals.map(({ type }) => type),
    );
  }
});

test('NameResolver gives another record first each time', async () => {
  const first = async (id: number): Promise<unknown> => {
    const asked = query('db.shop.svc.cluster.local');
    asked.writeUInt16BE(id);
    const [record] = decode((await alone.answer(asked, 'udp')) ?? Buffer.alloc(0)).answers ?? [];
    return record?.type === 'A' && record.data;
  };
  assert.deepEqual([await first(2), await first(3)], ['10.244.0.7', '10.244.0.8']);
});

test('NameResolver refuses what it does not do', async () => {
  const ask = async (message: Buffer): Promise<number> =>
    codeOf(await alone.answer(message, 'udp'));
  const name = 'web.shop.svc.cluster.local';
  assert.equal(await ask(query(name, { class: 'CH' })), 5);
  assert.equal(await ask(query('cluster.local', { type: 'AXFR' })), 5);
  const update = query(name);
  update.writeUInt16BE(5 << 11, 2);
  assert.equal(await ask(update), 4);
  const two = encode({
    questions: [
      { name, type: 'A' },
      { name, type: 'AAAA' },
    ],
  });
  assert.equal(await ask(two), 1);
  const none = encode({ questions: [] });
  assert.equal(await ask(none), 1);
  assert.equal(await ask(query(name).subarray(0, 30)), 1);
  const later = await alone.answer(query(name, { additionals: edns(1232, 1) }), 'udp');
  assert.ok(later !== undefined);
  const [option] = decode(later).additionals ?? [];
  assert.equal(option?.type === 'OPT' && option.extendedRcode, 1);
  const twice = query(name, { additionals: [...edns(1232), ...edns(1232)] });
  assert.equal(await ask(twice), 1);
});

test('NameResolver answers neither answers nor scraps', async () => {
  const answer = encode({ type: 'response', questions: [{ name: 'a', type: 'A' }] });
  for (const message of [answer, Buffer.alloc(0), Buffer.alloc(11)]) {
    assert.equal(await alone.answer(message, 'udp'), undefined);
  }
});

test('NameResolver passes on what others say, with the id and in the letters of the asker', async () => {
  const asked: Asked[] = [];
  const resolver = resolverOf((question) => {
    asked.push(question);
    const lower = { ...question, questionBytes: lowered(question.questionBytes) };
    return answering(lower, [{ type: 'A', name: 'example.com', ttl: 9, data: '192.0.2.7' }]);
  });
  const message = (await resolver.answer(query('Example.COM'), 'udp')) ?? Buffer.alloc(0);
  const { id, questions, answers = [] } = decode(message);
  assert.deepEqual([id, questions?.[0]?.name], [4711, 'Example.COM']);
  assert.deepEqual(
    answers.map((each) => each.type === 'A' && each.data),
    ['192.0.2.7'],
  );
  assert.equal(asked.length, 1);
  const failed = resolverOf(async () => undefined);
  assert.equal(codeOf(await failed.answer(query('example.com'), 'udp')), 2);
});

test('NameResolver says of an answer that is too long for a datagram that it is cut', async () => {
  const text = Array.from({ length: 10 }, () => 'x'.repeat(200));
  const resolver = resolverOf((question) =>
    answering(question, [{ type: 'TXT', name: 'example.com', ttl: 9, data: text }]),
  );
  const asked = query('example.com', { type: 'TXT' });
  const cut = decode((await resolver.answer(asked, 'udp')) ?? Buffer.alloc(0));
  assert.deepEqual([cut.flag_tc, cut.answers, cut.questions?.length], [true, [], 1]);
  const whole = decode((await resolver.answer(asked, 'tcp')) ?? Buffer.alloc(0));
  assert.deepEqual([whole.flag_tc, whole.answers?.length], [false, 1]);
});

test('NameResolver follows names for others, in the cluster and beyond it', async () => {
  const resolver = resolverOf(async (question) =>
    answering(question, [
      { type: 'CNAME', name: 'example.com', ttl: 9, data: 'edge.example.com' },
      { type: 'A', name: 'edge.example.com', ttl: 9, data: '192.0.2.7' },
    ]),
  );
  const records = async (name: string): Promise<unknown> => {
    const message = await resolver.answer(query(`${name}.shop.svc.cluster.local`), 'udp');
    return decode(message ?? Buffer.alloc(0)).answers?.map((each) =>
      'data' in each ? `${each.name} ${each.type} ${String(each.data)}` : '',
    );
  };
  assert.deepEqual(await records('to-web'), [
    'to-web.shop.svc.cluster.local CNAME web.shop.svc.cluster.local',
    'web.shop.svc.cluster.local A 10.0.0.20',
  ]);
  assert.deepEqual(await records('out'), [
    'out.shop.svc.cluster.local CNAME example.com',
    'example.com CNAME edge.example.com',
    'edge.example.com A 192.0.2.7',
  ]);
  const loop = await resolver.answer(query('loop.shop.svc.cluster.local'), 'udp');
  assert.equal(codeOf(loop), 2);
});

test('NameResolver lets only so many wait for others', async () => {
  const answers = Promise.withResolvers<Buffer | undefined>();
  const resolver = resolverOf(() => answers.promise);
  const waiting = Array.from({ length: 2_000 }, () => resolver.answer(query('a.example'), 'udp'));
  assert.equal(codeOf(await resolver.answer(query('b.example'), 'udp')), 2);
  answers.resolve(undefined);
  for (const each of waiting) assert.equal(codeOf(await each), 2);
  assert.ok(resolver.answer(query('b.example'), 'udp') instanceof Promise);
});

test('NameResolver says that it fails, and goes on, when something in the cluster is not as it should be', async () => {
  const told: unknown[] = [];
  const broken = {
    ...shop,
    service: (): never => {
      throw new TypeError('null has no ports');
    },
  };
  const logger = { ...silentLogger, error: (message: string) => void told.push(message) };
  const resolver = new NameResolver(broken, { ask: () => assert.fail() }, logger);
  const answer = await resolver.answer(query('web.shop.svc.cluster.local'), 'udp');
  assert.equal(codeOf(answer), 2);
  assert.equal(answer?.readUInt16BE(0), 4711);
  assert.equal(told.length, 1);
});

test('NameResolver throws nothing, whatever comes', async () => {
  const random = seededRandom(20);
  const resolver = resolverOf((question) => {
    assert.ok(question.questionBytes.length >= 5);
    return random.fraction() < 0.5 ? Promise.resolve(undefined) : answering(question, []);
  });
  const names = ['web.shop.svc', 'db.shop.svc', 'out.shop.svc', '1-2-3-4.shop.pod'];
  for (let round = 0; round < 5_000; round++) {
    const name = `${names[round % names.length]}.cluster.local`;
    const type = (['A', 'SRV', 'PTR', 'TXT'] as const)[round % 4] ?? 'A';
    const message =
      round % 3 === 0
        ? Buffer.from(random.bytes(Math.floor(random.fraction() * 80)))
        : query(name, { type, additionals: edns(1232) });
    // A few bytes of a good one are others.
    for (let spoilt = 0; message.length > 0 && spoilt < round % 5; spoilt++) {
      message[Math.floor(random.fraction() * message.length)] = random.bytes(1)[0] ?? 0;
    }
    const answer = await resolver.answer(message, round % 2 === 0 ? 'udp' : 'tcp');
    if (answer === undefined) continue;
    assert.equal(answer.readUInt16BE(0), message.readUInt16BE(0));
    assert.ok(answer.length <= (round % 2 === 0 ? 1232 : 65_535));
    const end = questionEnd(answer);
    if (answer.readUInt16BE(4) === 0) continue;
    assert.deepEqual(answer.subarray(headerBytes, end), message.subarray(headerBytes, end));
    decode(answer);
  }
});

function lowered(questionBytes: Buffer): Buffer {
  return Buffer.from(questionBytes.toString('latin1').toLowerCase(), 'latin1');
}
