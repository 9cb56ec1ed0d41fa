/** Writes a gzipped copy beside each script and style, which the server sends to whoever takes it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSIBLE = /\.(js|css|svg)$/;

export function precompress(): Plugin {
  return {
    name: 'precompress',
    async writeBundle({ dir }, bundle) {
      if (!dir) return;
      const files = Object.values(bundle).filter(file => COMPRESSIBLE.test(file.fileName));
      await Promise.all(
        files.map(file => {
          const content = file.type === 'chunk' ? file.code : file.source;
          return writeFile(join(dir, `${file.fileName}.gz`), gzipSync(content, { level: 9 }));
        }),
      );
    },
  };
}
