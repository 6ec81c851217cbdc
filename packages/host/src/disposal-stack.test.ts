import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DisposalStack } from './disposal-stack.ts';

function resource(name: string, disposed: string[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      disposed.push(name);
    },
  };
}

test('DisposalStack disposes of everything, last first, once', async () => {
  const disposed: string[] = [];
  {
    await using stack = new DisposalStack();
    stack.use(resource('first', disposed));
    stack.defer(() => void disposed.push('second'));
    stack.use(resource('third', disposed));
    await stack[Symbol.asyncDispose]();
  }
  assert.deepEqual(disposed, ['third', 'second', 'first']);
});

test('DisposalStack.move() leaves nothing behind', async () => {
  const disposed: string[] = [];
  const stack = new DisposalStack();
  stack.use(resource('a', disposed));
  const moved = stack.move();
  await stack[Symbol.asyncDispose]();
  assert.deepEqual(disposed, []);
  await moved[Symbol.asyncDispose]();
  assert.deepEqual(disposed, ['a']);
});

test('DisposalStack goes on after a failure, and tells it', async () => {
  const disposed: string[] = [];
  const stack = new DisposalStack();
  const first = new Error('first');
  const second = new Error('second');
  stack.use(resource('a', disposed));
  stack.defer(() => Promise.reject(first));
  await assert.rejects(stack[Symbol.asyncDispose](), first);
  assert.deepEqual(disposed, ['a']);

  stack.defer(() => Promise.reject(first));
  stack.defer(() => Promise.reject(second));
  await assert.rejects(stack[Symbol.asyncDispose](), { errors: [second, first] });
});
