import { describe, expect, it } from 'vitest';
import { pattern, rig, roundTrips } from './test-kit.js';

/** A text frame as a server sends it, and one as a client does: masked, with an extended length. */
const unmasked = Buffer.concat([Buffer.of(0x81, 5), Buffer.from('hello')]);
const masked = Buffer.concat([Buffer.of(0x82, 0xfe, 0, 126, 1, 2, 3, 4), pattern(126)]);

const frames = [
  ['down', unmasked],
  ['up', masked],
] as const;

describe.each(frames)('proxy.truncateAfter() of a frame that goes %s', (direction, frame) => {
  const offsets = Array.from({ length: frame.length + 1 }, (_, offset) => offset);

  it('passes exactly so many bytes, and then resets both ends, at every offset', async () => {
    const { proxy, join } = await rig();
    for (const offset of offsets) {
      const [near, far] = await join();
      const [sender, receiver] = direction === 'up' ? [near, far] : [far, near];
      await roundTrips(near, far);
      expect(proxy.truncateAfter(offset, direction)).toBe(1);
      sender.send(frame);
      await Promise.all([near.closed, far.closed]);
      const got = receiver.received.subarray(1);
      expect(got.equals(frame.subarray(0, offset)), `cut at byte ${offset}`).toBe(true);
      expect([near.seen, far.seen]).toEqual([['ECONNRESET'], ['ECONNRESET']]);
    }
    expect(proxy.totals.reset).toBe(offsets.length);
  });
});

describe('proxy.truncateAfter()', () => {
  it('counts over many pieces, and what is held', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.stall({ direction: 'up' });
    near.send('abc');
    await proxy.waitFor(() => proxy.bufferedBytes === 3);
    proxy.truncateAfter(7, 'up');
    const arrived = far.closed;
    near.send('def');
    await proxy.waitFor(() => proxy.bufferedBytes === 6);
    near.send('ghi');
    await proxy.waitFor(() => proxy.bufferedBytes === 9);
    proxy.slow({ bytesPerSecond: 500, direction: 'up' });
    expect(proxy.totals.bytesUp).toBe(0);
    await proxy.restore();
    // restore() takes the order back as well.
    await far.receive(9);
    proxy.truncateAfter(7, 'up');
    for (const piece of ['abc', 'def', 'ghi']) near.send(piece);
    await arrived;
    expect(far.text).toBe('abcdefghiabcdefg');
    expect(far.seen).toEqual(['ECONNRESET']);
  });

  it('cuts a slow stream at the byte', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.slow({ bytesPerSecond: 20_000, direction: 'down' });
    proxy.truncateAfter(1_001, 'down');
    far.send(pattern(5_000));
    await near.closed;
    expect(near.received.equals(pattern(5_000).subarray(0, 1_001))).toBe(true);
  });

  it('leaves the other direction, and connections that come later', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.truncateAfter(1, 'down');
    near.send(pattern(100_000));
    await far.receive(100_000);
    await roundTrips(...(await join()));
    far.send('xyz');
    await near.closed;
    expect(near.text).toBe('x');
    expect(proxy.connections).toBe(1);
  });

  it('is replaced by a later one', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.truncateAfter(1, 'up');
    proxy.truncateAfter(3, 'up');
    near.send('abcdef');
    await far.closed;
    expect(far.text).toBe('abc');
  });

  it('lets a receiver in this process read first, however long it was held up', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    await roundTrips(near, far);
    proxy.truncateAfter(3, 'up');
    near.send('abcdef');
    await proxy.waitFor(() => proxy.totals.bytesUp === 4);
    // The three bytes have left, and nobody gets to read them until the reset is long due.
    const untilMs = performance.now() + 50;
    while (performance.now() < untilMs);
    await far.closed;
    expect(far).toMatchObject({ text: '?abc', seen: ['ECONNRESET'] });
  });

  it('is replaced even when its last byte has passed, and before the reset', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.truncateAfter(3, 'up');
    near.send('abcdef');
    // This goes on in the turn in which the third byte left, so the reset cannot have come yet.
    await proxy.waitFor(() => proxy.totals.bytesUp === 3);
    proxy.truncateAfter(2, 'up');
    await far.closed;
    expect(far).toMatchObject({ text: 'abcde', seen: ['ECONNRESET'] });
  });
});

it('connection.truncateAfter() cuts the first bytes of a connection to come', async () => {
  const { proxy, target, join } = await rig();
  proxy.once('connection', (connection) => connection.truncateAfter(4, 'up'));
  const [near, far] = await join();
  near.send('GET / HTTP/1.1');
  await far.closed;
  expect(far.text).toBe('GET ');
  await roundTrips(...(await join()));
  expect(target.peers).toHaveLength(2);
});
