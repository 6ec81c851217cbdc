import { Tokenizer } from 'htmlparser2';
import { type ProxiedPlace, localLink } from './local-link.ts';

/** What of a page waits for its next part; a name or link that is longer stays as it is. */
const heldCharactersMax = 64 * 1024;

/**
 * Rewrites the links of a page that comes in parts. Only the values of attributes that hold links are
 * changed; all else passes as it is, whether it is HTML or not.
 */
export class LinkRewriter {
  readonly #place: ProxiedPlace;
  readonly #tokenizer: Tokenizer;
  /** What came and has not been handed on, and where that begins in all that came. */
  #held = '';
  #heldFrom = 0;
  /** The end of what the tokenizer has told of. */
  #toldTo = 0;
  #edits: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  #attributes: ReadonlySet<string> | undefined;
  #isLink = false;
  #valueFrom: number | undefined;

  constructor(place: ProxiedPlace) {
    this.#place = place;
    const told = (_from: number, to: number): void => void (this.#toldTo = to);
    this.#tokenizer = new Tokenizer(
      { decodeEntities: false },
      {
        onopentagname: (from, to) => {
          this.#attributes = linksByTag.get(this.#textOf(from, to));
          told(from, to);
        },
        onattribname: (from, to) => {
          this.#isLink = this.#attributes?.has(this.#textOf(from, to)) === true;
          this.#valueFrom = undefined;
          told(from, to);
        },
        onattribdata: (from, to) => {
          if (!this.#isLink) return told(from, to);
          this.#valueFrom ??= from;
        },
        onattribend: (_quote, to) => {
          if (this.#isLink && this.#valueFrom !== undefined) this.#rewrite(this.#valueFrom, to);
          this.#isLink = false;
          told(to, to);
        },
        ontext: told,
        onclosetag: told,
        oncomment: told,
        oncdata: told,
        ondeclaration: told,
        onprocessinginstruction: told,
        onopentagend: (to) => told(to, to),
        onselfclosingtag: (to) => told(to, to),
        onattribentity: ignore,
        ontextentity: ignore,
        onend: ignore,
      },
    );
  }

  /** What may be handed on once this part has come. */
  write(part: string): string {
    this.#held += part;
    this.#tokenizer.write(part);
    const end = this.#heldFrom + this.#held.length;
    const keepFrom = this.#isLink ? (this.#valueFrom ?? this.#toldTo) : this.#toldTo;
    if (end - keepFrom > heldCharactersMax) return this.#handOn(end);
    return this.#handOn(Math.max(keepFrom, this.#heldFrom));
  }

  /** The last of it. */
  end(): string {
    this.#tokenizer.end();
    return this.#handOn(this.#heldFrom + this.#held.length);
  }

  #rewrite(from: number, to: number): void {
    if (from < this.#heldFrom) return;
    const link = this.#held.slice(from - this.#heldFrom, to - this.#heldFrom);
    const text = localLink(link, this.#place);
    if (text !== link) this.#edits.push({ from, to, text });
  }

  #handOn(to: number): string {
    let text = '';
    let at = this.#heldFrom;
    for (const edit of this.#edits) {
      text += this.#held.slice(at - this.#heldFrom, edit.from - this.#heldFrom) + edit.text;
      at = edit.to;
    }
    text += this.#held.slice(at - this.#heldFrom, to - this.#heldFrom);
    this.#edits = [];
    this.#held = this.#held.slice(to - this.#heldFrom);
    this.#heldFrom = to;
    return text;
  }

  /** In lower case; empty for what was handed on already. */
  #textOf(from: number, to: number): string {
    if (from < this.#heldFrom) return '';
    return this.#held.slice(from - this.#heldFrom, to - this.#heldFrom).toLowerCase();
  }
}

function ignore(): void {}

/** Which attributes hold links. Source: apimachinery, util/proxy. */
const linksByTag: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    a: 'href',
    applet: 'codebase',
    area: 'href',
    audio: 'src',
    base: 'href',
    blockquote: 'cite',
    body: 'background',
    button: 'formaction',
    command: 'icon',
    del: 'cite',
    embed: 'src',
    form: 'action',
    frame: 'longdesc src',
    head: 'profile',
    html: 'manifest',
    iframe: 'longdesc src',
    img: 'longdesc src usemap',
    input: 'src usemap formaction',
    ins: 'cite',
    link: 'href',
    object: 'classid codebase data usemap',
    q: 'cite',
    script: 'src',
    source: 'src',
    video: 'poster src',
  }).map(([tag, attributes]) => [tag, new Set(attributes.split(' '))]),
);
