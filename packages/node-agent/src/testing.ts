/** Containers for tests: the suite of every runtime, a containerd of its own, a runtime made by hand. */
export { describeRuntime, withRuntime } from './testing/describe-runtime.ts';
export { busyboxImage } from './testing/busybox-image.ts';
export { exampleImage } from './testing/example-image.ts';
export { type RuntimeFixture, TestPod, ended, until } from './testing/runtime-fixture.ts';
export {
  type TestContainerd,
  openTestContainerd,
  skipWithoutContainerd,
} from './testing/test-containerd.ts';
export {
  type TestProcesses,
  openTestProcesses,
  skipWithoutNamespaces,
} from './testing/test-processes.ts';
export {
  type HandMadeRuntime,
  type HeldPods,
  handMadeRuntime,
} from './testing/hand-made-runtime.ts';
