import type { Paint } from './paint.ts';

/** What a text is written on: its colours, and how wide its lines may be. */
export interface Page {
  readonly paint: Paint;
  readonly width: number;
}
