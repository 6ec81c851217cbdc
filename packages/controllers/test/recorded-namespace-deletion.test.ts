import { playStories } from './stories/play-stories.ts';

const story = 'namespace deletion: finalizer blocks, conditions';
const why = 'the controller does not wait 5 s before it empties a namespace: there is one store';

playStories('namespace deletion', { gaps: [{ story, step: 0, why }] });
