export {
  type TokenKeeper,
  type Trouble,
  accountFiles,
  keepToken,
} from './service-account/keep-token.ts';
