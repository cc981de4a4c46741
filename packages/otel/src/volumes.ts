import type { Attributes, BatchObservableCallback, Meter } from '@opentelemetry/api';
import type { InstrumentSocket } from './instrument.js';

/**
 * How much goes both ways. Looked up in `stats()` when metrics are collected, so that a message costs nothing. Without
 * the address: a total is of the socket, wherever it was connected to.
 */
export function watchVolumes(
  socket: InstrumentSocket,
  meter: Meter,
  attributes: Attributes,
): () => void {
  const sentMessages = meter.createObservableCounter('jetsocket.messages.sent', SENT);
  const receivedMessages = meter.createObservableCounter('jetsocket.messages.received', RECEIVED);
  const sentBytes = meter.createObservableCounter('jetsocket.bytes.sent', BYTES);
  const receivedBytes = meter.createObservableCounter('jetsocket.bytes.received', BYTES);
  const waiting = meter.createObservableGauge('jetsocket.messages.buffered', WAITING);
  const all = [sentMessages, receivedMessages, sentBytes, receivedBytes, waiting];
  const look: BatchObservableCallback = (result) => {
    const { sent, received, buffered } = socket.stats();
    result.observe(sentMessages, sent.messages, attributes);
    result.observe(receivedMessages, received.messages, attributes);
    result.observe(sentBytes, sent.bytes, attributes);
    result.observe(receivedBytes, received.bytes, attributes);
    result.observe(waiting, buffered.messages, attributes);
  };
  meter.addBatchObservableCallback(look, all);
  return () => {
    meter.removeBatchObservableCallback(look, all);
  };
}

const SENT = { unit: '{message}', description: 'Messages handed to a socket, each time' };
const RECEIVED = { unit: '{message}', description: 'Messages that came' };
const BYTES = { unit: 'By', description: 'Payload, without what frames it' };
const WAITING = { unit: '{message}', description: 'Messages that wait to be sent or acknowledged' };
