/**
 * The public surface of every package as text, so that a change of it shows in review: docs/api-review/, made by api-extractor
 * of the declarations that are published. Without `--write` it only compares, and fails where they differ.
 */
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FOLDERS } from './packed.mjs';

/** @typedef {{ title: string, dir: string, declarations: string }} Entry */

/**
 * Types that stand in the public surface, and that nobody has to name: where, which, and why. All others are exported.
 * @type {Readonly<Record<string, string>>}
 */
const UNNAMED = {
  'core: SayMethod': 'only makes `Say` a method, which is the name for it',
  'core: IdOfMethod': 'only makes `IdOf` a method, which is the name for it',
  'core: ChannelHost': 'of a constructor that is not exported: `multiplex()` makes channels',
  'core: Signal_2': "the platform's `AbortSignal`, under that name",
  'core-protocol: Codec_2':
    'what a codec may be elsewhere; here it is `Codec`, which returns no promises',
  'server-redis: LogFactory': 'exported by `@jetsocket/server`, which takes it',
  'jetsocket-websocket: StandardWebSocket': '`WebSocket` but for its transport',
  'jetsocket-websocket.browser: StandardWebSocket': '`WebSocket` but for its transport',
};

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = join(root, 'docs', 'api-review');
const made = join(root, 'node_modules', '.cache', 'api-review');

const { values: options } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

rmSync(made, { recursive: true, force: true });
mkdirSync(made, { recursive: true });
/** Which of them are met. @type {Set<string>} */
const unnamed = new Set();
const complaints = FOLDERS.flatMap(entriesOf).flatMap(report);
const texts = new Map(
  readdirSync(made).map((name) => [name, readFileSync(join(made, name), 'utf8')]),
);
for (const name of Object.keys(UNNAMED))
  if (!unnamed.has(name))
    complaints.push(`${name} is exported, or gone: take it out of tools/api.mjs`);
if (options.write) write();
else complaints.push(...differences());
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length > 0 ? 1 : 0;

/** Every way in that a package has; what a browser gets instead as well. @param {string} folder @returns {Entry[]} */
function entriesOf(folder) {
  const dir = join(root, 'packages', folder);
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  /** @type {[string, any][]} */
  const all = Object.entries(manifest.publishConfig.exports);
  return all
    .filter(([path]) => path !== './package.json')
    .flatMap(([path, conditions]) => {
      const title = path === '.' ? folder : `${folder}-${path.slice(2)}`;
      const found = [{ title, dir, declarations: conditions.import.types }];
      if (conditions.browser === undefined) return found;
      return [
        ...found,
        { title: `${title}.browser`, dir, declarations: conditions.browser.import.types },
      ];
    });
}

/** @param {Entry} entry @returns {string[]} What is wrong with the declarations themselves. */
function report({ title, dir, declarations }) {
  /** @type {string[]} */
  const wrong = [];
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(dir, 'package.json'),
    configObject: {
      projectFolder: dir,
      mainEntryPointFilePath: join(dir, declarations),
      compiler: { overrideTsconfig: tsconfig(join(dir, declarations)) },
      apiReport: {
        enabled: true,
        reportFileName: title,
        reportFolder: made,
        reportTempFolder: join(made, '..', 'api-review-temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      newlineKind: 'lf',
      messages: {
        // Neither do comments here follow TSDoc to the letter, nor are there names that are exported and not public; and
        // a complaint with the number of a line would change with every comment.
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.Warning },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      message.handled = true;
      const { messageId, logLevel, text } = message;
      if (messageId === 'ae-forgotten-export') wrong.push(...missing(title, text));
      if (logLevel === ExtractorLogLevel.Error) wrong.push(`${title}: ${messageId}: ${text}`);
    },
  });
  return wrong;
}

/** @param {string} title @param {string} text `The symbol "Name" needs to be exported…` @returns {string[]} */
function missing(title, text) {
  const name = `${title}: ${text.split('"')[1]}`;
  unnamed.add(name);
  if (name in UNNAMED) return [];
  return [`${name} is used and cannot be named: export it, or say in tools/api.mjs why not`];
}

/** Other packages are what is built of them, as for a user. @param {string} file */
function tsconfig(file) {
  return {
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      module: 'node16',
      moduleResolution: 'node16',
      types: ['node'],
      strict: true,
      skipLibCheck: true,
    },
    files: [file],
  };
}

function write() {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  for (const [name, text] of texts) writeFileSync(join(reports, name), text);
}

/** @returns {string[]} */
function differences() {
  const kept = existsSync(reports) ? readdirSync(reports) : [];
  const names = [...new Set([...kept, ...texts.keys()])].filter((name) => {
    const file = join(reports, name);
    return texts.get(name) !== (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
  });
  return names.map(
    (name) =>
      `docs/api-review/${basename(name)} is not the public surface any more: if it is meant to be another, \`npm run api\``,
  );
}
