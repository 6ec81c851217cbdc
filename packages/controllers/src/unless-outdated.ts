export { unlessOutdated } from '@fairway/reconcile';
