/**
 * The reference: every public entry of every package, by TypeDoc, as pages in docs/reference. What TypeDoc warns
 * of fails: a link that leads nowhere, a type that is shown and not exported.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import GithubSlugger from 'github-slugger';
import { Application, Converter, ReflectionKind } from 'typedoc';
import { byOrder } from './order.mjs';
import {
  introductionOf,
  isSearched,
  withIntroduction,
  withLinks,
  withoutDashes,
  withSummaries,
  withoutBareTypeParameters,
  withShortReferences,
} from './reference-text.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Entry → the name that users import it by. */
const entries = new Map(packages().flatMap(entriesOf));

const app = await Application.bootstrapWithPlugins({
  entryPoints: [...entries.keys()],
  tsconfig: join(root, 'tsconfig.reference.json'),
  basePath: root,
  plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
  name: 'Reference',
  readme: 'none',
  excludePrivate: true,
  excludeProtected: true,
  excludeInternal: true,
  // Node and the browser have documentation of their own for what we inherit from them.
  excludeExternals: true,
  disableSources: true,
  disableGit: true,
  skipErrorChecking: true,
  sort: ['source-order'],
  sortEntryPoints: false,
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  logLevel: 'Warn',
});
app.options.setValue('out', join(root, 'docs/reference'));
for (const [name, value] of Object.entries({
  docsRoot: join(root, 'docs'),
  hidePageHeader: true,
  outputFileStrategy: 'modules',
  hideBreadcrumbs: true,
  useCodeBlocks: false,
  expandObjects: false,
  parametersFormat: 'table',
  propertiesFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  sanitizeComments: true,
  groupOrder: [
    ...['Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables'],
    ...['Constructors', 'Properties', 'Accessors', 'Methods', '*'],
  ],
  // Everything is read-only, and what a default is stands in its description.
  tableColumnSettings: {
    hideModifiers: true,
    hideDefaults: true,
    hideOverrides: true,
    hideInherited: true,
    hideSources: true,
  },
})) {
  app.options.setValue(name, value);
}

app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    const source = project.getSymbolIdFromReflection(module)?.fileName;
    const name = source && entries.get(source);
    if (name) module.name = name;
  }
  for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter)) {
    if (parameter.name !== '__namedParameters' || !parameter.isParameter()) continue;
    // It has no name where it is taken apart at once, and gets that of its type.
    const type = parameter.type?.type === 'reference' ? parameter.type.name : 'Options';
    parameter.name = type.endsWith('Options') ? 'options' : type.toLowerCase();
  }
});

const project = await app.convert();
if (project) {
  app.validate(project);
  sortEntries(project);
  await app.generateOutputs(project);
  mendPages();
  mendAnchors();
}
if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) {
  console.error('The reference has faults, see above.');
  process.exitCode = 1;
}

/** What an entry has is looked up by its name; what a thing has stays in the order of its source. @param {import('typedoc').ProjectReflection} project */
function sortEntries(project) {
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    if (!module.isDeclaration()) continue;
    for (const { children } of module.groups ?? []) {
      children.sort((one, other) => one.name.localeCompare(other.name, 'en'));
    }
  }
}

function mendPages() {
  const introductions = new Map(
    [...entries].map(([file, name]) => {
      const [, folder = ''] = relative(root, file).split(sep);
      const path = join(root, 'packages', folder, 'package.json');
      const { name: own, description } = JSON.parse(readFileSync(path, 'utf8'));
      return [name, introductionOf(name, own === name ? { description, folder } : undefined)];
    }),
  );
  for (const [name, introduction] of introductions) {
    const page = join(root, 'docs/reference', `${name}.md`);
    const text = withoutDashes(withoutBareTypeParameters(readFileSync(page, 'utf8')));
    const whole = withIntroduction(withShortReferences(withLinks(text)), introduction);
    writeFileSync(page, isSearched(name) ? whole : `---\nsearch: false\n---\n\n${whole}`);
  }
  const index = join(root, 'docs/reference/index.md');
  const summary = (/** @type {string} */ name) => introductions.get(name) ?? '';
  writeFileSync(index, withSummaries(readFileSync(index, 'utf8'), summary));
}

/**
 * The plugin numbers anchors of the same name as if inherited members, which stand in a table or on another page, had
 * headings too. A link to a number that is too high is meant for the highest that there is.
 */
function mendAnchors() {
  const folder = join(root, 'docs/reference');
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
  const anchors = new Map(pages.map((page) => [page, anchorsOf(readFileSync(page, 'utf8'))]));
  for (const page of pages) {
    const text = readFileSync(page, 'utf8');
    const mended = text.replaceAll(
      /\]\(([^)#\s]*)#([^)\s]+?)-(\d+)\)/g,
      (
        link,
        /** @type {string} */ path,
        /** @type {string} */ name,
        /** @type {string} */ count,
      ) => {
        const known = anchors.get(path === '' ? page : join(dirname(page), path));
        if (known === undefined || known.has(`${name}-${count}`)) return link;
        let last = Number(count) - 1;
        while (last > 0 && !known.has(`${name}-${last}`)) last -= 1;
        return `](${path}#${last === 0 ? name : `${name}-${last}`})`;
      },
    );
    if (mended !== text) writeFileSync(page, mended);
  }
}

/** @param {string} text */
function anchorsOf(text) {
  const slugger = new GithubSlugger();
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    slugger.slug(heading.replaceAll('\\', '')),
  );
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id)]);
}

function packages() {
  return readdirSync(join(root, 'packages')).sort(byOrder);
}

/** @param {string} folder @returns {[file: string, name: string][]} */
function entriesOf(folder) {
  const directory = join(root, 'packages', folder);
  const { name, exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([path, conditions]) => {
    const source = conditions['@jetsocket/source'];
    const file = join(directory, source?.default ?? source ?? '');
    if (source === undefined || !existsSync(file)) return [];
    return [[file, join(name, path)]];
  });
}
