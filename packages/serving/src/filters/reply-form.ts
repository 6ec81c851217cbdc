import {
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  onBodyEnd,
  onUpgradeEnd,
} from '@fairway/protocol';

/** What a filter does with an answer, whether that is a response or may become a stream. */
export interface ReplyForm<Reply> {
  readonly refusal: (response: HttpResponse) => Reply;
  readonly statusOf: (reply: Reply) => number;
  readonly withHeaders: (reply: Reply, headers: HttpHeaders) => Reply;
  /** The same reply; `run` is called once when nothing of it is under way any more. */
  readonly onEnd: (reply: Reply, run: () => void) => Reply;
}

/** Passes a request on: a `Handler` or an `UpgradeHandler`. */
export type Answers<Request extends HttpRequest, Reply> = (request: Request) => Promise<Reply>;

export const responses: ReplyForm<HttpResponse> = {
  refusal: (response) => response,
  statusOf: ({ status }) => status,
  withHeaders: (response, headers) => ({
    ...response,
    headers: { ...response.headers, ...headers },
  }),
  onEnd: onBodyEnd,
};

/** Filters see an accepted upgrade as the answer 101. */
export const upgrades: ReplyForm<UpgradeAnswer> = {
  refusal: (response) => ({ kind: 'refused', response }),
  statusOf: (answer) => (answer.kind === 'refused' ? answer.response.status : 101),
  withHeaders: (answer, headers) =>
    answer.kind === 'refused'
      ? { ...answer, response: responses.withHeaders(answer.response, headers) }
      : { ...answer, headers: { ...answer.headers, ...headers } },
  onEnd: onUpgradeEnd,
};
