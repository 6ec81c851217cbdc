import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseListenFlag } from './listen-flag.ts';

test('parseListenFlag() reads host and port', () => {
  assert.deepEqual(parseListenFlag('127.0.0.1:6443'), { host: '127.0.0.1', port: 6443 });
  assert.deepEqual(parseListenFlag('[::1]:0'), { host: '::1', port: 0 });
  assert.deepEqual(parseListenFlag('kube.example:443'), { host: 'kube.example', port: 443 });
});

test('parseListenFlag() knows an address by all its spellings', () => {
  for (const text of ['0:1', '0.0.0.0:1', '0x0:1', '000.0.0.0:1']) {
    assert.equal(parseListenFlag(text).host, '0.0.0.0', text);
  }
  for (const text of ['[::]:1', '[0::0]:1', '[0:0:0:0:0:0:0:0]:1']) {
    assert.equal(parseListenFlag(text).host, '::', text);
  }
  assert.equal(parseListenFlag('127.1:1').host, '127.0.0.1');
});

test('parseListenFlag() refuses anything else with a remedy', () => {
  for (const text of [
    '',
    '6443',
    ':6443',
    'a:',
    'a:65536',
    'a:1x',
    '::1:6443',
    '[::1]',
    'a b:1',
    'a@b:1',
    'a/b:1',
    '[:::]:1',
    '1.2.3.256:1',
  ]) {
    assert.throws(() => parseListenFlag(text), /no HOST:PORT; write --listen/, text);
  }
});
