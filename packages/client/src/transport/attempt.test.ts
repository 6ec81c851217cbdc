import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '@fairway/protocol';
import { isLongRunning, isWatch } from './attempt.ts';

function requestOf(line: string): HttpRequest {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  const { signal } = new AbortController();
  return { method, path, query, headers: {}, body: undefined, signal };
}

test('isWatch() knows a watch in every spelling that a server understands', () => {
  for (const line of [
    'GET /api/v1/pods?watch=true',
    'GET /api/v1/pods?watch=1&resourceVersion=5',
    'GET /api/v1/pods?limit=1&watch',
    'GET /api/v1/pods?w%61tch=1',
    'GET /api/v1/pods?watch=t',
    'GET /prefix/apis/apps/v1/watch/deployments',
    'GET /api/v1/w%61tch/pods',
  ]) {
    assert.equal(isWatch(requestOf(line)), true, line);
    assert.equal(isLongRunning(requestOf(line)), true, line);
  }
  for (const line of [
    'GET /api/v1/pods',
    'GET /api/v1/pods?watch=false',
    'GET /api/v1/pods?w%61tch=0',
    'GET /api/v1/pods?labelSelector=watch%3D1',
    'GET /api/v1/namespaces/watch/pods',
    'POST /api/v1/namespaces/a/pods?watch=1',
    'GET /api/v1/%zz',
  ]) {
    assert.equal(isWatch(requestOf(line)), false, line);
    assert.equal(isLongRunning(requestOf(line)), false, line);
  }
});

test('isLongRunning() knows streams in every spelling', () => {
  for (const line of [
    'GET /api/v1/namespaces/a/pods/b/log?follow=1',
    'GET /api/v1/namespaces/a/pods/b/log?f%6fllow',
    'POST /api/v1/namespaces/a/pods/b/exec?command=ls',
    'POST /api/v1/namespaces/a/pods/b/%65xec?command=ls',
    'GET /api/v1/namespaces/a/services/b/pro%78y/x',
  ]) {
    assert.equal(isLongRunning(requestOf(line)), true, line);
    assert.equal(isWatch(requestOf(line)), false, line);
  }
});
