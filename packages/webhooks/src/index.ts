export type { AdmissionQuestion } from './admission/admission-question.ts';
export { type AdmissionAnswer, allow, changeTo, deny } from './admission/admission-answer.ts';
export { type Decide, answerAdmission } from './admission/answer-admission.ts';
export { jsonPatchBetween } from './admission/json-patch-between.ts';
export { routeByPath } from './route-by-path.ts';
