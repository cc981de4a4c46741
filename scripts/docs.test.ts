/**
 * What the documentation says, run: every code block, every link, every error code. Blocks for a page are run by
 * apps/demo/e2e/readme.spec.ts, the tutorial by tutorial.test.ts, and the install commands by pack.test.ts.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createSessions } from '@jetsocket/server';
import { Server as SocketIo } from 'socket.io';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { RedisServer } from '../packages/server/test/redis-server.ts';
import { blocksOf, documents, oddFences, root } from './docs.ts';

const all = documents().flatMap((file) => blocksOf(file));
const code = all.filter(({ language, file }) => language === 'ts' && !isTutorial(file));
/** Its blocks belong together, and are run so. */
const tutorial = all.filter(({ language, file }) => language === 'ts' && isTutorial(file));
const shell = all.filter(({ language }) => language === 'sh');

it('every block is of a kind that something runs, or a drawing', () => {
  const kinds = new Set(all.map(({ language }) => language));
  for (const kind of ['ts', 'sh', 'html', 'text', 'mermaid']) kinds.delete(kind);
  // A component, which is compared below with one that is tested.
  expect([...kinds]).toEqual(['tsx']);
  expect(all.filter(({ language }) => language === 'tsx').map(({ file }) => file)).toEqual([
    'docs/ssr.md',
  ]);
  expect(code.length).toBeGreaterThan(4);
});

it.each(documents())('%s has no block that would be overlooked', (file) => {
  expect(oddFences(readFileSync(join(root, file), 'utf8'))).toEqual([]);
});

it.each([
  ['```ts title=x\nlet a;\n```\n', ['```ts title=x', '```']],
  ['1. One\n\n   ```ts\n   let a;\n   ```\n', ['   ```ts', '   ```']],
  ['~~~ts\nlet a;\n~~~\n', ['~~~ts', '~~~']],
  ['> ```ts\n> let a;\n> ```\n', ['> ```ts', '> ```']],
  ['````\n```ts\n````\n', ['````', '````', '```ts']],
  ['```ts\nlet a;\n', ['```ts']],
  ['```ts\nlet a = `1`;\n```\n\n`code`, and ```more```.\n', []],
])('of %j the fences %j are odd', (text, odd) => {
  expect(oddFences(text)).toEqual(odd);
});

describe('code blocks', () => {
  /** Says hello, and acknowledges what comes by its count. */
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const sessions = createSessions();
  /** For what a guide says of before. */
  const socketIo = new SocketIo();
  let redis: RedisServer | undefined;
  let url = '';
  let socketIoUrl = '';
  beforeAll(async () => {
    redis = await RedisServer.start();
    if (server.address() === null) await once(server, 'listening');
    url = `ws://127.0.0.1:${(server.address() as { port: number }).port}/ws`;
    sessions.attach(server);
    sessions.on('session', (session) => {
      session.on('message', () => undefined);
      session.send({ price: 1 });
    });
    server.on('connection', (socket) => {
      if (socket.protocol !== '') return;
      let count = 0;
      socket.send(JSON.stringify({ price: 1 }));
      socket.on('message', () => {
        socket.send(JSON.stringify({ ack: ++count }));
      });
    });
    const http = createServer();
    await once(http.listen(0, '127.0.0.1'), 'listening');
    socketIo.attach(http).on('connection', (socket) => {
      socket.emit('price', 1);
      socket.on('order', ({ id }: { id: number }, done: (answer: object) => void) => {
        done({ done: id });
      });
    });
    socketIoUrl = `http://127.0.0.1:${(http.address() as { port: number }).port}`;
  });
  afterAll(async () => {
    await Promise.all([socketIo.close(), redis?.stop()]);
    void sessions.close();
    for (const client of server.clients) client.terminate();
    server.close();
  });

  it.concurrent.each(code)('$file:$line runs', async ({ file, line, heading, text }) => {
    const { stdout, stderr } = await run(
      `${file.replaceAll('/', '-')}-${line}`,
      text
        .replace("io('https://example.com')", `io('${socketIoUrl}')`)
        .replace('redis://localhost:6379', redis?.url ?? ''),
      url,
    );
    expect(stderr).toBe('');
    for (const [says, printed] of SAID) if (text.includes(says)) expect(stdout).toContain(printed);
    // An example of an error makes that very error.
    if (file === 'docs/errors.md') expect(stdout).toContain(heading);
  });

  it('compile, as a user would compile them', { timeout: 180_000 }, () => {
    const files = new Map(
      [...code, ...tutorial].map(({ file, line, text }) => [
        join(root, 'packages/jetsocket', `${file.replaceAll('/', '-')}-${line}.mts`),
        text,
      ]),
    );
    expect(complaints(files)).toEqual([]);
  });

  it('would not compile with an event that there is not', { timeout: 180_000 }, () => {
    const file = join(root, 'packages/jetsocket/wrong.mts');
    const wrong =
      "import { connect } from 'jetsocket';\nconnect('ws://host').on('pang', () => {});\n";
    expect(complaints(new Map([[file, wrong]])).join()).toContain('pang');
  });
});

describe('commands', () => {
  const scripts = manifest('package.json').scripts ?? {};
  const names = ['core', 'browser', 'node', 'server', 'otel', 'testing', 'jetsocket'].map(
    (folder) => manifest(`packages/${folder}/package.json`).name,
  );
  it.each(shell)('$file:$line names what there is', ({ text }) => {
    for (const command of text.trim().split('\n')) {
      const [program, action = '', ...rest] = command.split(' ');
      const [argument = ''] = rest;
      if (program !== 'npm') {
        // What the tutorial says to type, tutorial.test.ts does.
        expect(['mkdir chat', 'cd chat', 'node server.mts', 'node bot.mts']).toContain(command);
      } else if (action === 'run') expect(Object.keys(scripts)).toContain(argument);
      else if (action === 'install')
        expect(names).toEqual(expect.arrayContaining(rest.filter((one) => one !== '--save-dev')));
      else expect(Object.keys(scripts)).toContain(action);
    }
  });

  it('npm run demo prints an address that answers', { timeout: 120_000 }, async () => {
    const demo = spawn('npm', ['run', '--silent', 'demo'], {
      cwd: root,
      env: { ...process.env, PORT: '0' },
      detached: true,
    });
    try {
      const address = await firstAddress(demo);
      const page = await fetch(address);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('JetSocket');
    } finally {
      // npm and what it started: one group.
      if (demo.pid !== undefined) process.kill(-demo.pid, 'SIGTERM');
    }
  });
});

describe('links', () => {
  const links = documents().flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => ({
      file,
      to,
    }));
  });
  it.each(links)('$file links to $to, which is there', ({ file, to }) => {
    expect(existsSync(join(root, dirname(file), to))).toBe(true);
  });

  const places = documents().flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/\]\((?!https?:)([^)#]*\.md|)#([^)]+)\)/g)].map(
      ([, to = '', anchor = '']) => ({
        file,
        to: to === '' ? file : relative(root, join(root, dirname(file), to)),
        anchor,
      }),
    );
  });
  it.each(places)('$file links to #$anchor of $to, which is there', ({ to, anchor }) => {
    expect(anchorsOf(to)).toContain(anchor);
  });
});

it.each(['nchan', 'nats'])('docs/adapters.md has the adapter for %s as it is tested', (name) => {
  const path = join(root, `packages/node/test/interop/${name}.ts`);
  const text = readFileSync(path, 'utf8').replaceAll("'../../src/index.js'", "'@jetsocket/node'");
  const blocks = code.filter(({ file }) => file === 'docs/adapters.md');
  expect(blocks.map((block) => block.text)).toContain(text);
});

it.each(['react.ts', 'price.tsx', 'vue.ts', 'svelte.ts'])(
  'docs/ssr.md has %s, which is tested',
  (name) => {
    const text = readFileSync(join(root, 'libraries/src', name), 'utf8');
    const blocks = all.filter(({ file }) => file === 'docs/ssr.md');
    expect(blocks.map((block) => block.text)).toContain(text);
  },
);

it.each(
  [
    ...readFileSync(join(root, 'docs/architecture.md'), 'utf8').matchAll(
      /^\| `(packages\/[^`]+)` +\| `(\w+)` /gm,
    ),
  ].map(([, path = '', name = '']) => ({ path, name })),
)('docs/architecture.md walks through $name of $path, which is there', ({ path, name }) => {
  const source = readFileSync(join(root, path), 'utf8');
  expect(source).toMatch(new RegExp(`^ +(\\w+\\.)?${name}( = |\\()`, 'm'));
});

it('docs/comparison.md says nothing of another product without a source', () => {
  const text = readFileSync(join(root, 'docs/comparison.md'), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.includes('---'))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/))
    .filter((cells) => cells.length === 9 && cells[0]?.trim() !== '');
  expect(rows.length).toBeGreaterThan(20);
  const of = rows.flatMap(([what, , ...theirs]) => theirs.map((cell) => [what, cell.trim()]));
  const bare = of.filter(([, cell = '']) => !['—', '0'].includes(cell) && !cell.includes(']('));
  expect(bare).toEqual([]);
});

it('docs/errors.md has a heading for every code, and none besides', () => {
  const unions = readdirSync(join(root, 'packages')).flatMap((folder) => codesIn(folder));
  expect(unions.map(({ name }) => name)).toEqual(['ErrorCode', 'FaultProxyErrorCode']);
  const codes = [...new Set(unions.flatMap((union) => union.codes))];
  const docs = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  const headings = [...docs.matchAll(/^## (.+)$/gm)].map(([, name]) => name);
  expect(codes.length).toBeGreaterThan(10);
  expect([...headings].sort()).toEqual([...codes].sort());
  const table = docs.slice(0, docs.indexOf('\n## '));
  const linked = [...table.matchAll(/\[(\w+)\]\(#\w+\)/g)].map(([, name]) => name);
  expect([...linked].sort()).toEqual([...codes].sort());
});

it.each(readFileSync(join(root, 'docs/errors.md'), 'utf8').split(/^## /m).slice(1))(
  'docs/errors.md says why, what to do, and has an example: %s',
  (section) => {
    expect(section).toMatch(/^\w+\n\n\*\*Why\.\*\* [\s\S]+?\n\n\*\*Do\.\*\* [\s\S]+?\n\n```ts\n/);
  },
);

it('docs/api.md has every option', () => {
  const source = readFileSync(join(root, 'packages/core/src/options.ts'), 'utf8');
  const known = /const KNOWN.* = \[([^\]]+)\]/.exec(source)?.[1] ?? '';
  const names = [...known.matchAll(/'(\w+)'/g)].map(([, name = '']) => name);
  const docs = readFileSync(join(root, 'docs/api.md'), 'utf8');
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect(docs).toMatch(new RegExp(`\`${name}[\`.]`));
});

/** Every union of codes in the sources of a package. */
function codesIn(folder: string): { name: string; codes: string[] }[] {
  const src = join(root, 'packages', folder, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /(?<!\.test|\.test-d)\.ts$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(src, file), 'utf8');
      return [...text.matchAll(/^export type (\w*ErrorCode) =([^;]+);/gm)];
    })
    .map(([, name = '', union = '']) => ({
      name,
      codes: [...union.matchAll(/'(\w+)'/g)].map(([, code = '']) => code),
    }));
}

/** What a block says, and what it prints then. */
const SAID: readonly (readonly [says: string, printed: string])[] = [
  ["'got'", 'got {'],
  ['delivery.settled', '1 acknowledged'],
  ['// connected', 'connected [ \'"kept"\' ]'],
  ['it came back', 'it came back'],
  ['statusLine', 'online\ntry 1 in 1 s\ntry 2 in 2 s\nonline\n'],
  ['who are you?', "{ hello: 'client' }\n{ ok: true }\nclosed 4401\n2 0\n"],
  ["'scripted'", 'scripted { sum: 3 }'],
  ['black hole', 'noticed the black hole\nand came back\n'],
  ["channel('btcusdt@trade')", 'channels: 1'],
  ["op: 'balance'", 'No reply came within 500 ms'],
  ['after the hello', 'function'],
  ['1n', 'NOT_SERIALIZABLE'],
  ["'valid'", 'valid 1'],
  ['first.settled', 'sent'],
  ['// dropped dropped', 'dropped dropped'],
  ['the order is', 'the order is sent'],
  ['report.includes', 'true'],
  ['by zod', 'by zod 1'],
  ['by valibot', 'by valibot 1'],
  ['by arktype', 'by arktype 1'],
  ['packed.settled', 'packed, and sent'],
  ['import pino', '"msg":"connected"'],
  ['numbers.pipeTo', 'piped, and closed'],
  ["'before:'", 'before: '],
  ["'after:'", 'after: '],
  ["'kept:'", 'kept: '],
  ['5 to 6 seconds', '5 to 6 seconds: true'],
  ["'downtime:'", 'downtime: 0 states: 0'],
  ['1012 true', '1012 true'],
  ['// B got 2', 'A got 1\nB got 2\n'],
  ["'let in'", 'REJECTED'],
  ["'in the page:'", 'in the page: { price: 1 }'],
  ["'answered'", 'answered true\ntrue\n'],
  ['`retry ${attempt}', 'retry 5 in'],
  ["'with headers'", 'with headers'],
  ["'secret in it:'", 'secret in it: false\nrecorded: false\n'],
];

/** Node has a global WebSocket from 22 on; what a guide says of before needs one. */
const GLOBAL = `import { WebSocket as Global } from 'ws';
globalThis.WebSocket ??= Global;
`;
const needsGlobal = (text: string): boolean =>
  /before = new \w*WebSocket\(|from '@jetsocket\/browser'|webSocketTransport\(/.test(text);

/** Runs a block against the server, waits for a message if its socket still lives, and closes it. */
async function run(
  name: string,
  text: string,
  url: string,
): Promise<{ stdout: string; stderr: string }> {
  const tail = `
if (typeof socket === 'undefined') {
  // A module to copy: it was loaded, and that is all.
} else if (socket.state === 'connecting' || (socket.state === 'connected' && typeof transport === 'undefined')) {
  await new Promise((resolve) => socket.once('message', resolve));
  await socket.close();
}
${text.includes('http.listen(8080);') ? 'http.close();' : ''}
`;
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const script = outputText
    .replaceAll(
      /from '((?:@jetsocket\/|jetsocket)[^']*)'/g,
      (_, name: string) => `from '${built(name)}'`,
    )
    .replaceAll('wss://example.com/ws', url)
    .replaceAll('listen(8080)', 'listen(0)')
    .replaceAll('8080', new URL(url).port);
  const folder = join(root, 'test-results/docs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, (needsGlobal(text) ? GLOBAL : '') + script + tail);
  return promisify(execFile)(process.execPath, [file], { timeout: 20_000 });
}

/** Where an entry of ours was built to. */
function built(name: string): string {
  const [, folder = 'jetsocket', path = 'index'] =
    /^(?:@jetsocket\/)?([^/]+)\/?(.+)?$/.exec(name) ?? [];
  const entry = path === 'redis' ? 'redis-log' : path;
  return pathToFileURL(join(root, 'packages', folder, 'dist', `${entry}.mjs`)).href;
}

/** What the compiler says of these files, which need not be there. */
function complaints(files: ReadonlyMap<string, string>): string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
    types: ['node'],
    strict: true,
    noEmit: true,
    // Declarations of ours are looked at by pack.test.ts; those of others would take three times as long as all blocks.
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => files.get(path) ?? readFile.call(host, path);
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const where = file === undefined ? '' : `${basename(file.fileName)}: `;
    return where + ts.flattenDiagnosticMessageText(messageText, '\n');
  });
}

function firstAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', () => {
      reject(new Error(`The demo ended: ${output}`));
    });
  });
}

function isTutorial(file: string): boolean {
  return file === 'docs/tutorial.md';
}

function manifest(path: string): { name: string; scripts?: Record<string, string> } {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as { name: string };
}

/** Where a heading can be linked to, as GitHub has it. */
function anchorsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
