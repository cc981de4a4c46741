/** MQTT.js and the broker aedes, over the drop-in: QoS 1 messages and subscriptions outlive a cut. */
import { Aedes } from 'aedes';
import type Mqtt from 'mqtt';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { alive, behindProxy, counted } from './kit.js';

// As browsers get it, and as React Native: in Node the library insists on `ws` itself.
vi.stubGlobal('navigator', { userAgent: '', product: 'ReactNative' });
const build: string = 'mqtt/dist/mqtt.esm';
const { default: mqtt } = (await import(build)) as { readonly default: typeof Mqtt };

it('MQTT.js connects again after a cut, and gets and delivers what it should', async () => {
  const { http, proxy, url } = await behindProxy();
  const broker = await Aedes.createBroker();
  const wss = new WebSocketServer({ server: http });
  wss.on('connection', (socket) => {
    const stream = createWebSocketStream(socket);
    stream.on('error', () => undefined);
    broker.handle(stream);
  });
  onTestFinished(() => {
    broker.close();
    wss.close();
  });

  const { WebSocket, made } = counted();
  const client = mqtt.connect(url, {
    clientId: 'ada',
    clean: false,
    reconnectPeriod: 20,
    timerVariant: 'native',
    // The library's own options for `ws` come third: they are not ours.
    createWebsocket: (address, protocols) => new WebSocket(address, protocols),
  });
  client.on('error', () => undefined);
  onTestFinished(async () => client.endAsync(true));
  const got: string[] = [];
  client.on('message', (_topic, payload) => got.push(payload.toString()));
  await client.subscribeAsync('news/#', { qos: 1 });
  await client.publishAsync('news/1', 'first', { qos: 1 });
  await vi.waitFor(() => expect(got).toEqual(['first']));

  await proxy.refuse(true);
  proxy.cut();
  await new Promise<void>((resolve) => client.once('close', () => resolve()));
  // Nobody is there: the library keeps it, and the broker keeps what is for the client.
  const published = client.publishAsync('news/2', 'second', { qos: 1 });
  await new Promise<void>((resolve) => {
    const packet = {
      topic: 'news/3',
      payload: 'third',
      qos: 1,
      cmd: 'publish',
      dup: false,
      retain: false,
    } as const;
    broker.publish(packet, () => resolve());
  });
  await proxy.refuse(false);
  await published;
  // At least once, as QoS 1 has it: an acknowledgement may have been cut off.
  await vi.waitFor(() => expect([...new Set(got)].sort()).toEqual(['first', 'second', 'third']), {
    timeout: 10_000,
  });
  expect(made.length).toBeGreaterThan(1);
  expect(made[0]?.protocol).toBe('mqtt');
  expect(alive(made)).toBe(1);
});
