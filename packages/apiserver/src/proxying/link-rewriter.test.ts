import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkRewriter } from './link-rewriter.ts';

const place = { prefix: '/p', hosts: new Set(['web.example']) };

function rewrite(parts: readonly string[]): string {
  const rewriter = new LinkRewriter(place);
  return parts.map((part) => rewriter.write(part)).join('') + rewriter.end();
}

const page = `<!DOCTYPE html>
<html manifest=/m><head profile='/h'><base href="/"><LINK REL=stylesheet HREF=/style.css>
<!-- <a href="/comment"> --><script src="/a.js">"<a href='/text'>"</script><style>a{b:url(/c)}</style>
<title><a href="/title"></title></head><body background="/b" onload="go('/x')">
<a href="/one" title="/t">1</a><a href='two'>2</a><A
  Href = "http://web.example/3">3</a><a href="http://else.example/4">4</a>
<img src="/i.png" srcset="/i2.png 2x" alt="<a href='/alt'>"><form action="/f"><input formaction="/g">
<video poster="/v" src="/w"><source src="/s"></video><a href="">5</a><a href>6</a><br/><a href=/7/>7</a>
<textarea><a href="/area"></textarea>&amp;<a href="/x?a=1&amp;b=2">8</a></body></html>`;

const rewritten = page
  .replace('manifest=/m', 'manifest=/p/m')
  .replace("profile='/h'", "profile='/p/h'")
  .replace('<base href="/">', '<base href="/p/">')
  .replace('HREF=/style', 'HREF=/p/style')
  .replace('src="/a.js"', 'src="/p/a.js"')
  .replace('background="/b"', 'background="/p/b"')
  .replace('href="/one"', 'href="/p/one"')
  .replace('"http://web.example/3"', '"/p/3"')
  .replace('src="/i.png"', 'src="/p/i.png"')
  .replace('action="/f"', 'action="/p/f"')
  .replace('formaction="/g"', 'formaction="/p/g"')
  .replace('poster="/v" src="/w"', 'poster="/p/v" src="/p/w"')
  .replace('src="/s"', 'src="/p/s"')
  .replace('href=/7/', 'href=/p/7/')
  .replace('href="/x?', 'href="/p/x?');

test('links of a page are rewritten, and nothing else of it', () => {
  assert.equal(rewrite([page]), rewritten);
});

test('a page may come in any parts', () => {
  for (let at = 0; at <= page.length; at += 1) {
    assert.equal(rewrite([page.slice(0, at), page.slice(at)]), rewritten, `cut at ${at}`);
  }
  assert.equal(rewrite([...page]), rewritten);
});

test('what is no page passes as it is', () => {
  for (const text of ['', '<', '<a href="/x', '<a href', '\u0000\u00ff<<<>>>', '{"a": "<b"}']) {
    assert.equal(rewrite([...text]), text);
  }
});

test('little of a page is held, whatever it is made of', () => {
  for (const start of [
    '<a href="/',
    '<a href=/',
    '<a ',
    '<',
    '<a href="/x" b="',
    '<!--',
    '<script>',
    '<![CDATA[',
    '<?x ',
    '</a',
    '&',
    '<title>',
  ]) {
    const rewriter = new LinkRewriter(place);
    let cameCharacters = start.length;
    let wentCharacters = rewriter.write(start).length;
    for (let part = 0; part < 64; part += 1) {
      const text = 'x'.repeat(16 * 1024);
      cameCharacters += text.length;
      wentCharacters += rewriter.write(text).length;
      const heldCharacters = cameCharacters - wentCharacters;
      assert.ok(heldCharacters <= 80 * 1024, `${start}: ${heldCharacters}`);
    }
  }
  // After something too long to be a link, the next ones are rewritten again.
  const long = `<a href="/${'x'.repeat(200_000)}">`;
  const half = long.length / 2;
  const parts = [long.slice(0, half), long.slice(half), '<a href="/y">'];
  assert.equal(rewrite(parts), `${long}<a href="/p/y">`);
});
