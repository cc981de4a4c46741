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
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  const untilMs = parseDate(header);
  if (untilMs === undefined) return undefined;
  return Math.max(0, untilMs - (parseDate(date) ?? Date.now()));
}

/** `Date.parse` takes almost anything, '-5' for a day in May. All three forms of HTTP begin with the day of the week. */
function parseDate(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined;
  // The form of asctime() does not say it, but every date of HTTP is in GMT.
  const ms = Date.parse(text.includes('GMT') ? text : `${text} GMT`);
  return Number.isNaN(ms) ? undefined : ms;
}
