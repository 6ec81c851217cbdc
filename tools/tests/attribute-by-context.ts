import asyncHooks from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';

/**
 * Makes the test runner of Node.js find the test of an error by its async context. By itself it
 * follows every promise from birth to collection with an async hook, which is more than a third of
 * what our tests cost. To be called before `node:test` is loaded: that takes both functions over.
 */
export function attributeByContext(): void {
  const { createHook, executionAsyncId } = asyncHooks;
  const currentTest = new asyncHooks.AsyncLocalStorage<number>();
  // The runner enters the resource of a test, then publishes that it starts.
  channel('tracing:node.test:start').bindStore(currentTest, () => executionAsyncId());
  asyncHooks.executionAsyncId = () => currentTest.getStore() ?? executionAsyncId();
  asyncHooks.createHook = ({ init }) => {
    // One hook is the runner's; those that tests make are their own.
    asyncHooks.createHook = createHook;
    return createHook({
      trackPromises: false,
      // It keeps all tests anyway, so none of them need be forgotten.
      init(id, type, trigger, resource) {
        if (type === 'Test') init?.(id, type, trigger, resource);
      },
    } as TrackingCallbacks);
  };
}

/** With an option that is newer than our types; a Node.js without it is slow, and not wrong. */
interface TrackingCallbacks extends asyncHooks.HookCallbacks {
  readonly trackPromises: boolean;
}
