/**
 * The pages are Jinja templates. Vite writes their asset URLs relative to the page. Behind a base path, and on pages that
 * a locustfile's blueprint renders at a deeper path, they must be below the base path instead.
 */
import type { Plugin } from 'vite';

export const ASSETS = "{{ base_url|default('', true) }}/assets/";

export function jinjaPages(): Plugin {
  return {
    name: 'jinja-pages',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.html')) continue;
        file.source = String(file.source).replaceAll('"./assets/', `"${ASSETS}`);
      }
    },
  };
}
