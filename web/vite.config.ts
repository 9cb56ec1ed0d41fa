import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { jinjaPages } from './build/jinja-pages.ts';
import { precompress } from './build/precompress.ts';
import { singleFile } from './build/single-file.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Two builds into one folder: the served pages first (empties it), then the one-file report (`--mode report`). */
export default defineConfig(({ mode }) => {
  const isReport = mode === 'report';
  return {
    base: './',
    plugins: [react(), ...(isReport ? [singleFile()] : [jinjaPages(), precompress()])],
    build: {
      outDir: here('../python/locust_rs/webui/dist'),
      emptyOutDir: !isReport,
      target: 'es2022',
      modulePreload: { polyfill: false },
      assetsInlineLimit: isReport ? Number.MAX_SAFE_INTEGER : 0,
      cssCodeSplit: !isReport,
      reportCompressedSize: true,
      rolldownOptions: isReport
        ? { input: here('report.html'), output: { codeSplitting: false } }
        : { input: { index: here('index.html'), auth: here('auth.html'), runs: here('runs.html') } },
    },
    test: {
      environment: 'jsdom',
      include: ['tests/**/*.test.{ts,tsx}'],
      setupFiles: ['tests/setup.ts'],
      restoreMocks: true,
      testTimeout: 30_000,
    },
  };
});
