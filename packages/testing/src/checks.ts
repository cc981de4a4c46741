import { Bench } from './conformance/bench.js';
import { checks } from './conformance/checks.js';
import type { ConformanceSubject } from './conformance/subject.js';

export type { ConformanceServer, ConformanceSubject } from './conformance/subject.js';

/** One thing that every transport must do. */
export interface TransportCheck {
  /** What is promised, as a sentence. */
  readonly name: string;
  /** @throws {Error} When the transport does not. */
  run(): Promise<void>;
}

/**
 * What every `Transport` must do, as plain functions: for runtimes in which no test runner runs. With vitest there
 * is `describeTransport` of `@jetsocket/testing/conformance`, over the same list.
 *
 * @param factory Called once for each check.
 */
export function transportChecks(factory: () => ConformanceSubject): readonly TransportCheck[] {
  return checks.map((check) => ({
    name: check.name,
    run: async () => {
      const subject = factory();
      const bench = new Bench(subject, await subject.start());
      try {
        await check.run(bench);
      } finally {
        await bench.finish();
      }
    },
  }));
}
