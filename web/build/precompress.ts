/** Writes a gzipped copy beside each script and style, which the server sends to clients that accept it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Limit of the compressed size of a first load; all pages together stay below it. */
export const BUDGET_BYTES = 300 * 1024;

const COMPRESSIBLE = /\.(js|css|svg)$/;

export function precompress(): Plugin {
  return {
    name: 'precompress',
    async writeBundle({ dir }, bundle) {
      if (!dir) return;
      const files = Object.values(bundle).filter(file => COMPRESSIBLE.test(file.fileName));
      const copies = files.map(file => ({
        name: `${file.fileName}.gz`,
        content: gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 }),
      }));
      const total = copies.reduce((sum, { content }) => sum + content.length, 0);
      if (total > BUDGET_BYTES) {
        this.error(
          `the pages are ${total} bytes compressed, over the budget of ${BUDGET_BYTES}: what was added?`,
        );
      }
      await Promise.all(copies.map(({ name, content }) => writeFile(join(dir, name), content)));
    },
  };
}
