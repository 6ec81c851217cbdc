/** Of what is between an agent and the shims of its pods, which may be of an agent before. */
export const processVersion = '1';
