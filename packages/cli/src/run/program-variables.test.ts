import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programVariables } from './program-variables.ts';

const road = { host: '10.0.0.9', port: '6443', authority: 'ca' };

test('programVariables() keeps what a program had, and takes what leads past its account', () => {
  const variables = {
    PATH: '/bin',
    KUBECONFIG: '/home/a/config',
    KUBERNETES_MASTER: 'http://old',
    KUBERNETES_SERVICE_HOST: 'old',
    KUBERNETES_PORT_443_TCP_ADDR: 'old',
    FAIRWAY_SERVICE_ACCOUNT_DIRECTORY: '/old',
    HTTPS_PROXY: 'http://proxy',
    absent: undefined,
  };
  assert.deepEqual(programVariables(variables, road), {
    PATH: '/bin',
    HTTPS_PROXY: 'http://proxy',
    KUBERNETES_SERVICE_HOST: '10.0.0.9',
    KUBERNETES_SERVICE_PORT: '6443',
    KUBERNETES_SERVICE_PORT_HTTPS: '6443',
    KUBERNETES_PORT: 'tcp://10.0.0.9:6443',
    KUBERNETES_PORT_6443_TCP: 'tcp://10.0.0.9:6443',
    KUBERNETES_PORT_6443_TCP_PROTO: 'tcp',
    KUBERNETES_PORT_6443_TCP_PORT: '6443',
    KUBERNETES_PORT_6443_TCP_ADDR: '10.0.0.9',
  });
});

test('programVariables() keeps a relay on this machine out of proxies', () => {
  const relay = { ...road, host: '127.0.0.1' };
  const noProxy = (variables: Record<string, string>): (string | undefined)[] => {
    const { NO_PROXY, no_proxy: lower } = programVariables(variables, relay);
    return [NO_PROXY, lower];
  };
  assert.deepEqual(noProxy({}), [undefined, undefined]);
  assert.deepEqual(noProxy({ https_proxy: 'http://p' }), ['127.0.0.1', '127.0.0.1']);
  const both = 'corp.example,127.0.0.1';
  assert.deepEqual(noProxy({ HTTPS_PROXY: 'http://p', no_proxy: 'corp.example' }), [both, both]);
});

test('programVariables() writes an IPv6 address as each variable wants it', () => {
  const { KUBERNETES_SERVICE_HOST, KUBERNETES_PORT } = programVariables(
    {},
    { ...road, host: '::1' },
  );
  assert.deepEqual([KUBERNETES_SERVICE_HOST, KUBERNETES_PORT], ['::1', 'tcp://[::1]:6443']);
});
