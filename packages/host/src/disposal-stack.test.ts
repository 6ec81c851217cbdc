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
  const one = new DisposalStack();
  const first = new Error('first');
  const second = new Error('second');
  one.use(resource('a', disposed));
  one.defer(() => Promise.reject(first));
  await assert.rejects(one[Symbol.asyncDispose](), first);
  assert.deepEqual(disposed, ['a']);

  const two = new DisposalStack();
  two.defer(() => Promise.reject(first));
  two.defer(() => Promise.reject(second));
  await assert.rejects(two[Symbol.asyncDispose](), { errors: [second, first] });
});

test('DisposalStack holds nothing that it would never let go of', async () => {
  const moved = new DisposalStack();
  moved.move();
  const disposed = new DisposalStack();
  await disposed[Symbol.asyncDispose]();
  for (const stack of [moved, disposed]) {
    assert.throws(() => stack.defer(() => {}), /this stack is disposed of or moved/);
    assert.throws(() => stack.use(resource('late', [])), ReferenceError);
  }
});
