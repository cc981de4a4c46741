import { describe, it } from 'vitest';
import { transportChecks } from './checks.js';
import type { ConformanceSubject } from './conformance/subject.js';

export type { ConformanceServer, ConformanceSubject } from './conformance/subject.js';

/**
 * A vitest suite of what every `Transport` must do, over a server that the factory brings along. It
 * runs wherever vitest runs, browsers included.
 *
 * ```ts
 * describeTransport('my transport', () => ({ transport, canPing: false, …, start: () => startServer() }));
 * ```
 *
 * @param factory Called once for each test.
 */
export function describeTransport(name: string, factory: () => ConformanceSubject): void {
  describe(name, () => {
    for (const check of transportChecks(factory)) it(check.name, () => check.run());
  });
}
