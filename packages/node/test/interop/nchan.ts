/** How to follow a channel of nchan with replay mode `sequence_id`. */
import { type Codec, connect, type JetSocket, type NodeOptions } from '../../src/index.js';

/** A message of nchan's, and its name: a time and a tag, as `1795486577:2`. */
export interface NchanMessage {
  readonly id: string;
  readonly body: string;
}

/** With `ws+meta.nchan` every message has a head: lines of `name: value`, and an empty one. */
const codec: Codec<NchanMessage, string> = {
  encode: (message) => message,
  decode(data) {
    if (typeof data !== 'string') throw new TypeError('nchan sends text');
    const end = data.indexOf('\n\n');
    const id = /^id: (.+)$/m.exec(data.slice(0, end))?.[1];
    if (end === -1 || id === undefined) throw new TypeError('there is no id in the head');
    return { id, body: data.slice(end + 2) };
  },
};

/** Ids only differ, and the position goes into the URL: what comes after it is sent again. */
export function follow(
  url: string | (() => string),
  options: NodeOptions<NchanMessage, string> = {},
): JetSocket<NchanMessage, string> {
  return connect<NchanMessage, string>(
    ({ lastSequenceId }) => {
      const channel = typeof url === 'string' ? url : url();
      if (lastSequenceId === undefined) return channel;
      const separator = channel.includes('?') ? '&' : '?';
      return `${channel}${separator}last_event_id=${encodeURIComponent(String(lastSequenceId))}`;
    },
    {
      protocols: 'ws+meta.nchan',
      codec,
      replay: { mode: 'sequence_id', sequenceOf: ({ id }) => id, order: 'opaque' },
      ...options,
    },
  );
}
