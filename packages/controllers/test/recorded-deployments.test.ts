import { playStories } from './stories/play-stories.ts';

const created = ['status', 'conditions'];
const why =
  'their controller looked when the first pod of the new set was there already, so that it saw no progress';

playStories('deployment: ', {
  gaps: [
    {
      story: 'deployment: revisions, change-cause, undo to revision 1, history limit',
      step: 2,
      object: 'Deployment/web',
      field: created,
      why,
    },
  ],
});
