/** What scripts/site/reference.mjs makes of TypeDoc's pages. */
import { describe, expect, it } from 'vitest';
import {
  introductionOf,
  isSearched,
  withIntroduction,
  withLinks,
  withoutDashes,
  withSummaries,
  withoutBareTypeParameters,
  withShortReferences,
} from './site/reference-text.mjs';

describe('a page of the reference', () => {
  it('begins with what the entry is', () => {
    const main = { description: 'Metrics.', folder: 'otel' };
    expect(introductionOf('@jetsocket/otel', main)).toMatch(
      /^Metrics\. \[.+\]\(\/packages\/otel\.md\)\.$/,
    );
    expect(introductionOf('@jetsocket/server/redis', undefined)).toContain('(/scaling.md)');
    expect(() => introductionOf('@jetsocket/new/entry', undefined)).toThrow('@jetsocket/new/entry');
    expect(withIntroduction('# name\n\n## Functions\n', 'What it is.')).toBe(
      '# name\n\nWhat it is.\n\n## Functions\n',
    );
  });

  it('has links where comments name pages', () => {
    expect(withLinks('sleep: see docs/sleep.md. Each has docs/state-machine.md, too')).toBe(
      'sleep: see [sleep](/sleep.md). Each has [state-machine](/state-machine.md), too',
    );
    for (const other of ['`docs/sleep.md`', '[sleep](docs/sleep.md)', '/docs/sleep.md']) {
      expect(withLinks(other)).toBe(other);
    }
  });

  it('is found by the search, unless only this repository uses what it tells', () => {
    expect(isSearched('@jetsocket/core')).toBe(true);
    expect(isSearched('@jetsocket/core/protocol')).toBe(false);
  });

  it('has no table that repeats the names of type parameters', () => {
    const bare =
      '#### Type Parameters\n\n| Type Parameter |\n| ------ |\n| <a id="x"></a> `Incoming` |\n\n';
    expect(withoutBareTypeParameters(`before\n\n${bare}#### Parameters\n`)).toBe(
      'before\n\n#### Parameters\n',
    );
    for (const row of ['`Name` *extends* `string`', '`Out` = `unknown`']) {
      const telling = bare.replace('`Incoming`', row);
      expect(withoutBareTypeParameters(telling)).toBe(telling);
    }
    const described = bare.replace(
      '| Type Parameter |\n| ------ |',
      '| Type Parameter | Description |\n| ------ | ------ |',
    );
    expect(withoutBareTypeParameters(described)).toBe(described);
  });

  it('leaves a cell empty where nothing is said', () => {
    expect(withoutDashes('| `a` | `string` | - |\n| `b` | - | a - b |\n')).toBe(
      '| `a` | `string` | |\n| `b` | - | a - b |\n',
    );
  });

  it('has an index that says what each entry is', () => {
    const index = '# Reference\n\n## Modules\n\n- [jetsocket](jetsocket.md)\n';
    expect(withSummaries(index, (name) => `About ${name}. [Its guide](/x.md).`)).toBe(
      '# Reference\n\n## What can be imported\n\n- [jetsocket](jetsocket.md): About jetsocket.\n',
    );
  });

  it('names what is passed on in one sentence', () => {
    const escaped = '### EVENT\\_NAMES\n\nRe-exports [EVENT_NAMES](../jetsocket.md#event_names)\n';
    expect(withShortReferences(`# name\n\n## References\n\n${escaped}`)).toMatch(
      /\[`EVENT_NAMES`\]\(\.\.\/jetsocket\.md#event_names\)\.\n$/,
    );
    const text = [
      '# name\n\n## Functions\n\n### own()\n\n## References\n',
      '### json\n\nRe-exports [json](../jetsocket.md#json)\n\n***\n',
      '### Codec\n\nRenames and re-exports [SyncCodec](../jetsocket.md#synccodec)\n',
    ].join('\n');
    const short = withShortReferences(text);
    expect(short).toContain('### own()');
    expect(short.match(/^#+ .+$/gm)).toEqual([
      '# name',
      '## Functions',
      '### own()',
      '## Passed on',
    ]);
    expect(short).toMatch(
      /\[`json`\]\(\.\.\/jetsocket\.md#json\),\n\[`Codec`\]\(.+#synccodec\) \(there `SyncCodec`\)\.\n$/,
    );
    expect(withShortReferences('# name\n\n## Functions\n')).toBe('# name\n\n## Functions\n');
  });
});
