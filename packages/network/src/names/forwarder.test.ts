import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LogFields } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type Answer, decode, encode } from 'dns-packet';
import { type OtherServer, answerTo, startOtherServer } from '../../test/other-server.ts';
import type { NameServer } from './ask-server.ts';
import { Forwarder } from './forwarder.ts';
import { headerBytes } from './message-layout.ts';

function forwarderTo(context: TestContext, servers: readonly Pick<OtherServer, 'address'>[]) {
  const clock = new ManualClock();
  const stopping = new AbortController();
  context.after(() => stopping.abort());
  const warnings: string[] = [];
  const warn = (message: string, fields?: LogFields): void =>
    void warnings.push(`${message} ${JSON.stringify(fields)}`);
  const forwarder = new Forwarder(
    {
      upstreams: async (): Promise<readonly NameServer[]> => servers.map(({ address }) => address),
      clock,
      random: seededRandom(7),
      logger: { debug() {}, info() {}, warn, error: warn },
    },
    stopping.signal,
  );
  return { forwarder, clock, warnings, stop: () => stopping.abort() };
}

function question(name: string, type: 'A' | 'AAAA' = 'A') {
  const questionBytes = encode({ questions: [{ name, type }] }).subarray(headerBytes);
  return { flags: 0x01_00, questionBytes };
}

function address(data: string, ttl: number): Answer {
  return { type: 'A', name: 'example.com', ttl, data };
}

function told(message: Buffer | undefined): string | undefined {
  if (message === undefined) return undefined;
  const { answers = [] } = decode(message);
  return answers.map((each) => (each.type === 'A' ? `${each.data} ${each.ttl}` : each.type)).join();
}

test('Forwarder keeps answers for as long as they say, and 30 seconds at the most', async (context) => {
  await using server = await startOtherServer((query) => {
    const ttl = query.toString('latin1').includes('long') ? 3_600 : 10;
    return answerTo(query, { answers: [address('192.0.2.1', ttl)] });
  });
  const { forwarder, clock } = forwarderTo(context, [server]);
  assert.equal(told(await forwarder.ask(question('Example.com'))), '192.0.2.1 10');
  await clock.advance(9_000);
  assert.equal(told(await forwarder.ask(question('eXample.com'))), '192.0.2.1 1');
  assert.equal(server.asked.length, 1);
  await clock.advance(1_000);
  assert.equal(told(await forwarder.ask(question('example.com'))), '192.0.2.1 10');
  assert.equal(server.asked.length, 2);
  await forwarder.ask(question('long.example.com'));
  await clock.advance(29_000);
  assert.equal(told(await forwarder.ask(question('long.example.com'))), '192.0.2.1 3571');
  await clock.advance(1_000);
  await forwarder.ask(question('long.example.com'));
  assert.equal(server.asked.length, 4);
});

test('Forwarder keeps that there is nothing, as the authority says, and no failure', async (context) => {
  const soa = { mname: 'a.', rname: 'b.', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 5 };
  const authorities: Answer[] = [{ type: 'SOA', name: 'com', ttl: 900, data: soa }];
  let code = 3;
  await using server = await startOtherServer((query) => answerTo(query, { authorities }, code));
  const { forwarder, clock } = forwarderTo(context, [server]);
  const ask = async (name: string): Promise<number | undefined> =>
    (await forwarder.ask(question(name)))?.readUInt16BE(2);
  assert.equal(await ask('a.com'), 0x81_83);
  await clock.advance(4_999);
  await ask('a.com');
  assert.equal(server.asked.length, 1);
  await clock.advance(1);
  await ask('a.com');
  assert.equal(server.asked.length, 2);
  code = 2;
  assert.equal(await ask('b.com'), 0x81_82);
  await ask('b.com');
  // The only server is asked twice each time.
  assert.equal(server.asked.length, 6);
});

test('Forwarder asks the next server when one is silent or fails, and tells when all are silent', async (context) => {
  await using silent = await startOtherServer(() => undefined);
  await using failing = await startOtherServer((query) => answerTo(query, {}, 2));
  await using good = await startOtherServer((query) =>
    answerTo(query, { answers: [address('192.0.2.2', 0)] }),
  );
  const patient = forwarderTo(context, [silent, good]);
  let heard = silent.nextQuestion();
  const asking = patient.forwarder.ask(question('example.com'));
  await heard;
  await patient.clock.advance(1_999);
  assert.deepEqual(good.asked, []);
  await patient.clock.advance(1);
  assert.equal(told(await asking), '192.0.2.2 0');
  const second = forwarderTo(context, [failing, good]);
  assert.equal(told(await second.forwarder.ask(question('example.com'))), '192.0.2.2 0');

  const alone = forwarderTo(context, [silent]);
  for (let round = 0; round < 2; round++) {
    heard = silent.nextQuestion();
    const unanswered = alone.forwarder.ask(question('example.com'));
    await heard;
    heard = silent.nextQuestion();
    await alone.clock.advance(2_000);
    await heard;
    await alone.clock.advance(2_000);
    assert.equal(await unanswered, undefined);
  }
  assert.equal(alone.warnings.length, 1);
  assert.match(alone.warnings[0] ?? '', /no server answers .*127\.0\.0\.1/);
  const none = forwarderTo(context, []);
  assert.equal(await none.forwarder.ask(question('example.com')), undefined);
});

test('Forwarder takes only the answer to its question', async (context) => {
  const answers = [address('192.0.2.66', 9)];
  await using forger = await startOtherServer((query) => {
    const forged = answerTo(query, { answers });
    const kind = /[a-z]+(?=.{1}example)/.exec(query.toString('latin1'))?.[0];
    if (kind === 'id') forged.writeUInt16BE((forged.readUInt16BE(0) + 1) & 0xff_ff, 0);
    if (kind === 'query') forged.writeUInt16BE(0x01_00, 2);
    if (kind === 'name') forged[headerBytes + 1] = 'z'.charCodeAt(0);
    if (kind === 'type') forged.writeUInt8(28, forged.indexOf('com\0') + 5);
    return kind === 'cut' ? forged.subarray(0, forged.length - 1) : forged;
  });
  const { forwarder, clock } = forwarderTo(context, [forger]);
  for (const kind of ['id', 'query', 'name', 'type', 'cut']) {
    let heard = forger.nextQuestion();
    const asking = forwarder.ask(question(`${kind}.example.com`));
    await heard;
    heard = forger.nextQuestion();
    await clock.advance(2_000);
    await heard;
    await clock.advance(2_000);
    assert.equal(await asking, undefined, kind);
  }
  assert.equal(told(await forwarder.ask(question('good.example.com'))), '192.0.2.66 9');
});

test('Forwarder gets what does not fit in a datagram over a connection', async (context) => {
  await using server = await startOtherServer((query, transport) =>
    transport === 'udp'
      ? answerTo(query, {}, 0x02_00)
      : answerTo(query, { answers: [address('192.0.2.3', 9)] }),
  );
  const { forwarder } = forwarderTo(context, [server]);
  assert.equal(told(await forwarder.ask(question('example.com'))), '192.0.2.3 9');
  assert.deepEqual(server.asked, ['udp A example.com', 'tcp A example.com']);
});

test('Forwarder asks one question once at a time, and only so many at once', async (context) => {
  await using silent = await startOtherServer(() => undefined);
  const { forwarder, stop } = forwarderTo(context, [silent]);
  const asking = Array.from({ length: 3 }, () => forwarder.ask(question('same.example')));
  assert.equal(new Set(asking).size, 1);
  const others = Array.from({ length: 255 }, (_, at) => forwarder.ask(question(`${at}.example`)));
  assert.equal(await forwarder.ask(question('more.example')), undefined);
  // One that is on its way already is not one more.
  assert.equal(forwarder.ask(question('same.example')), asking[0]);
  stop();
  assert.deepEqual(new Set(await Promise.all([...asking, ...others])), new Set([undefined]));
});
