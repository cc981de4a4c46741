/**
 * The reference: every public entry of every package, by TypeDoc, as pages in docs/reference. What TypeDoc warns
 * of fails: a link that leads nowhere, a type that is shown and not exported.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter, ReflectionKind } from 'typedoc';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What most people install comes first. */
const ORDER = ['jetsocket', 'core', 'browser', 'node', 'server', 'testing', 'otel'];

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
  groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables', '*'],
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
    const source =
      project.getSymbolIdFromReflection(module)?.fileName ?? module.sources?.[0]?.fullFileName;
    const name = source && entries.get(source);
    if (name) module.name = name;
  }
});

const project = await app.convert();
if (project) {
  app.validate(project);
  await app.generateOutputs(project);
}
if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) {
  console.error('The reference has faults, see above.');
  process.exitCode = 1;
}

function packages() {
  const found = readdirSync(join(root, 'packages'));
  const rank = (/** @type {string} */ name) =>
    ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length;
  return found.sort((one, other) => rank(one) - rank(other));
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
