import { expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { type Codec, connect, JetSocket, trading } from './index.js';

declare const pack: Codec<unknown, string>;
const schema = z.object({ price: z.number() });
const url = 'wss://example.com';

it('a schema says what comes, beside the options of Node', () => {
  const made = connect(url, { ...trading, schema, codec: pack, compression: true });
  made.on('message', ({ data }) => expectTypeOf(data).toEqualTypeOf<{ price: number }>());
  expectTypeOf(made.send).parameter(0).toEqualTypeOf<string>();
  const bare = new JetSocket(url, { schema, codec: pack });
  bare.on('message', ({ data }) => expectTypeOf(data).toEqualTypeOf<{ price: number }>());
  // @ts-expect-error -- no such option.
  connect(url, { schema, compresion: true });
  // @ts-expect-error -- without a schema, the codec has to say what comes.
  connect<{ price: number }, string>(url, { codec: pack });
});
