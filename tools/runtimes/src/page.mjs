/** docs/runtimes.md: what was checked where, as it was done. */

/**
 * @param {import('../run.mjs').Tried[]} tried
 */
export function page(tried) {
  const suites = ['smoke', 'wsTransport', 'browserTransport'];
  const rows = tried.map(({ runtime, results }) => {
    const cells = suites.map((suite) => cellOf(results.filter((one) => one.suite === suite)));
    return `| ${[runtime, ...cells].join(' | ')} |`;
  });
  return `${HEAD}
| runtime | from end to end | \`wsTransport\` | \`browserTransport\` |
| --- | --- | --- | --- |
${rows.join('\n')}
${TAIL}`;
}

/** Numbers would change with every new check: what is told is whether any of them does not hold. */
function cellOf(/** @type {import('./host.mjs').Result[]} */ results) {
  if (results.length === 0) return 'there is none';
  const failed = results.filter(({ error }) => error !== undefined).length;
  return failed === 0 ? 'all of it' : `all but ${failed}`;
}

const HEAD = `# Where it runs

\`npm run runtimes\` packs every package, installs the tarballs with npm into an empty folder, and runs them there
in each of these:
`;
const TAIL = `
This table is written by that command, and compared with what happened each time the tests run.

- From end to end: a message there and back; \`full_buffer\` through an absence of the server; \`session\` against
  \`@jetsocket/server\` through cuts, each message once; headers, which \`jetsocket\` sends by \`ws\` even where there is a global
  \`WebSocket\`, and refuses where it cannot; giving up at \`maxAttempts\`; \`close()\` during a backoff; the same names by
  \`import\` and \`require\`; a process that ends by itself once everything is closed; and one that ends while it waits for its
  next attempt, with \`unref: true\`, and does not without.
- \`wsTransport\` is what Node, Bun and Deno get, over \`ws\` (in Bun, over Bun's own of that name). \`browserTransport\` is over
  the global \`WebSocket\`: in workerd, with any bundler that knows the condition \`browser\`, and in browsers. The suite is that
  of \`@jetsocket/testing/checks\`: what every transport must do.
- workerd gets what a bundler makes of the packages. It has neither headers nor protocol pings.

What these runtimes do otherwise than the standard says, and JetSocket sets right: Node 22's global \`WebSocket\` reports a refused
connection by \`error\` alone and stays CONNECTING; Deno's says close code 0 where there was no close frame; workerd's \`protocol\` is
null when none was chosen.
`;
