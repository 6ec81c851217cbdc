/** A frame as it is on the wire: header blocks stay compressed. Source: SPDY/3.1 §2.2, §2.6. */
export type SpdyFrame =
  | {
      readonly kind: 'syn-stream';
      readonly streamId: number;
      readonly associatedStreamId: number;
      /** 0 is the most urgent, 7 the least. */
      readonly priority: number;
      readonly isFinal: boolean;
      readonly isUnidirectional: boolean;
      readonly headerBlock: Uint8Array;
    }
  | {
      readonly kind: 'syn-reply' | 'headers';
      readonly streamId: number;
      readonly isFinal: boolean;
      readonly headerBlock: Uint8Array;
    }
  | { readonly kind: 'rst-stream'; readonly streamId: number; readonly status: number }
  | { readonly kind: 'settings'; readonly settings: readonly SpdySetting[] }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'goaway'; readonly lastStreamId: number; readonly status: number }
  | { readonly kind: 'window-update'; readonly streamId: number; readonly delta: number }
  | {
      readonly kind: 'data';
      readonly streamId: number;
      readonly isFinal: boolean;
      readonly bytes: Uint8Array;
    };

export interface SpdySetting {
  readonly id: number;
  readonly flags: number;
  readonly value: number;
}

/** The numbers of control frames. */
export const spdyFrameTypes = {
  'syn-stream': 1,
  'syn-reply': 2,
  'rst-stream': 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  headers: 8,
  'window-update': 9,
} as const;

/** Why a stream is reset. Source: SPDY/3.1 §2.6.3. */
export const spdyResetStatus = {
  protocolError: 1,
  invalidStream: 2,
  refused: 3,
  cancel: 5,
  internalError: 6,
} as const;

/** How much one side may send before the other says more. Source: SPDY/3.1 §2.6.4. */
export const initialWindowSetting = 7;
