/**
 * What both sides know before the first header block, so that common names cost little: names with
 * their lengths, and then pieces of common values.
 *
 * Source: SPDY/3.1 §2.6.10.1; a constant of the protocol (Adler-32 e3c6a7c2).
 */
export function headerDictionary(): Uint8Array {
  const encoder = new TextEncoder();
  const parts = names.split(',').map((name) => {
    const text = encoder.encode(name);
    return Uint8Array.of(0, 0, 0, text.length, ...text);
  });
  const all = [...parts, encoder.encode(values)];
  const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const names =
  'options,head,post,put,delete,trace,accept,accept-charset,accept-encoding,accept-language,' +
  'accept-ranges,age,allow,authorization,cache-control,connection,content-base,content-encoding,' +
  'content-language,content-length,content-location,content-md5,content-range,content-type,date,' +
  'etag,expect,expires,from,host,if-match,if-modified-since,if-none-match,if-range,' +
  'if-unmodified-since,last-modified,location,max-forwards,pragma,proxy-authenticate,' +
  'proxy-authorization,range,referer,retry-after,server,te,trailer,transfer-encoding,upgrade,' +
  'user-agent,vary,via,warning,www-authenticate,method,get,status,200 OK,version,HTTP/1.1,url,' +
  'public,set-cookie,keep-alive,origin';

const values =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505' +
  '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request' +
  '401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented' +
  '503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, ' +
  'Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,' +
  'application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch' +
  'charset=utf-8charset=iso-8859-1,utf-,*,enq=0.';
