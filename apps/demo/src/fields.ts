import type { EventName } from 'jetsocket';
import type { DemoEvent } from './run.js';

/** How much an event matters to who watches; its colour. */
export type Tone = 'good' | 'bad' | 'wait' | 'data' | 'beat' | 'plain';

/** The events, the eleven of the contract first, and their tones. */
export const TONES: Readonly<Record<EventName, Tone>> = {
  connected: 'good',
  disconnected: 'bad',
  reconnecting: 'wait',
  reconnected: 'good',
  message: 'data',
  error: 'bad',
  ping: 'beat',
  pong: 'beat',
  buffer_overflow: 'bad',
  replay_started: 'data',
  replay_completed: 'data',
  connecting: 'wait',
  state_change: 'plain',
  closed: 'plain',
  gap: 'bad',
};

export const EVENT_NAMES = Object.keys(TONES) as readonly EventName[];

/** The eleven. */
export const CONTRACT = EVENT_NAMES.slice(0, 11);

/** Longer values are cut when shown; their title has them whole. */
const MAX_SHOWN = 200;
const MAX_SHOWN_URI = 40;

/** An event's fields as texts, without those that every event has. */
export function fieldsOf(event: DemoEvent): readonly (readonly [name: string, text: string])[] {
  return Object.entries(event)
    .filter(([name]) => name !== 'type' && name !== 'timestamp')
    .map(([name, value]) => [name, textOf(name, value)]);
}

/** Of an address the end of its query tells more than the middle. */
export function shorten(name: string, text: string): string {
  const most = name === 'uri' ? MAX_SHOWN_URI : MAX_SHOWN;
  if (text.length <= most) return text;
  const tail = name === 'uri' ? (/[?&][^?&]{0,16}$/.exec(text)?.[0] ?? '') : '';
  return `${text.slice(0, most - tail.length - 1)}…${tail}`;
}

/** The time of day of an event, to the millisecond. */
export function timeOf({ timestamp }: DemoEvent): string {
  const date = new Date(timestamp * 1_000);
  const pad = (value: number, length = 2): string => String(value).padStart(length, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => pad(value));
  return `${clock.join(':')}.${pad(date.getMilliseconds(), 3)}`;
}

/** An event as JSON may have it: an `Error` alone would become `{}`. */
export function toPlain(event: DemoEvent): object {
  if (event.type !== 'error') return event;
  const { name, message } = event.error;
  return { ...event, error: { name, message } };
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'number') return `${round(value)}${unitOf(name)}`;
  if (value === '') return '""';
  if (typeof value === 'string') return value;
  if (value instanceof Error) return value.name;
  return JSON.stringify(value) ?? String(value);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function unitOf(name: string): string {
  if (name === 'delay') return ' s';
  return name.endsWith('_ms') ? ' ms' : '';
}
