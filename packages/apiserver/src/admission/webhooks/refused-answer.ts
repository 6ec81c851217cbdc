import { decodeJson, isJsonObject } from '@fairway/protocol';

const shownBytesMax = 2_048;

/**
 * What an answer that is none is told as. Source: client-go, rest/request.go; apimachinery,
 * NewGenericServerResponse.
 */
export function refusedAnswer(
  status: number,
  { bytes, isText }: { readonly bytes: Uint8Array; readonly isText: boolean },
): string {
  const said = statusMessage(bytes);
  if (said !== undefined) return said;
  const text = Buffer.from(bytes.subarray(0, shownBytesMax)).toString().trim();
  const shown = isText ? text : 'unknown';
  const known = texts.get(status);
  if (known !== undefined) return known;
  // What these say is told as it is.
  if (status === 403 || status === 415) return shown;
  if (status === 406 && shown !== '' && shown !== 'unknown') return shown;
  if (status === 406) {
    return 'the server was unable to respond with a content type that the client supports';
  }
  if (status >= 500) {
    return `an error on the server (${JSON.stringify(shown)}) has prevented the request from succeeding`;
  }
  return `the server responded with the status code ${status} but did not return more information`;
}

const texts: ReadonlyMap<number, string> = new Map([
  [400, 'the server rejected our request for an unknown reason'],
  [401, 'the server has asked for the client to provide credentials'],
  [404, 'the server could not find the requested resource'],
  [405, 'the server does not allow this method on the requested resource'],
  [409, 'the server reported a conflict'],
  [422, 'the server rejected our request due to an error in our request'],
  [429, 'the server has received too many requests and has asked us to try again later'],
  [503, 'the server is currently unable to handle the request'],
  [
    504,
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
]);

/** A webhook may answer with a Status. */
function statusMessage(bytes: Uint8Array): string | undefined {
  const json = decodeJson(bytes);
  if (json.kind !== 'decoded' || !isJsonObject(json.value)) return undefined;
  const { kind, apiVersion, status, message } = json.value;
  if (kind !== 'Status' || apiVersion !== 'v1' || status === 'Success') return undefined;
  return typeof message === 'string' && message !== '' ? message : undefined;
}
