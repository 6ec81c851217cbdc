// Follows what happens to the pods of all namespaces, for as long as it runs. Connections break,
// servers restart, versions expire: the reflection goes on.
//
//   node examples/watch-pods.ts
import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';

await using client = await connect();

for await (const event of client.reflect(Pod, { allNamespaces: true })) {
  switch (event.type) {
    case 'InitApply':
    case 'Apply':
      console.log('there is', nameOf(event.object), event.object.status?.phase);
      break;
    case 'Delete':
      console.log('gone is', nameOf(event.object));
      break;
    case 'Init':
    case 'InitDone':
      break;
  }
}

function nameOf({ metadata }: Pod): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}
