/**
 * What a `Retry-After` header asks for, in milliseconds from now: seconds, or a date (RFC 9110 §10.2.3).
 * A date is measured against the server's own clock, which the response's `Date` tells: this machine's may be wrong.
 *
 * @returns Undefined when there is no header, or none that makes sense.
 */
export function retryAfterMs(
  header: string | undefined,
  date: string | undefined,
): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1_000;
  const untilMs = Date.parse(header);
  const nowMs = date === undefined ? Date.now() : Date.parse(date);
  const waitMs = untilMs - nowMs;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}
