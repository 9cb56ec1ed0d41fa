/**
 * Makes the report one self-contained file: its script and styles are inlined, and a policy with the hash of the script
 * allows nothing else to run, whether it is opened from disk or from a server.
 *
 * The result is still a Jinja template, so inlined code is in `raw` blocks, because minified code is full of braces.
 */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

const raw = (text: string): string => `{% raw %}${text}{% endraw %}`;

/** Keeps `</script>` and `<!--` in a script from ending it early; both occur only in strings there. */
export const escapeScript = (code: string): string =>
  code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--').trim();

export function policyFor(script: string): string {
  const hash = createHash('sha256').update(script, 'utf8').digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

export function singleFile(): Plugin {
  return {
    name: 'single-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      let script = '';
      let styles = '';
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type === 'chunk') {
          if (script) this.error(`the report must be one chunk, but there is also ${name}`);
          script = escapeScript(file.code);
          delete bundle[name];
        } else if (name.endsWith('.css')) {
          styles += String(file.source);
          delete bundle[name];
        }
      }
      const page = Object.values(bundle).find(
        file => file.type === 'asset' && file.fileName.endsWith('.html'),
      );
      if (page?.type !== 'asset' || !script) this.error('the report has no page or no script');
      if (/\{%-?\s*endraw/.test(script + styles)) this.error('the report contains the end of a raw block');
      page.source = String(page.source)
        .replace(/<script type="module"[^>]*><\/script>\s*/, '')
        .replace(/<link rel="stylesheet"[^>]*>\s*/, '')
        .replace(
          '<!-- policy -->',
          () => `<meta http-equiv="Content-Security-Policy" content="${policyFor(script)}">`,
        )
        .replace('<!-- styles -->', () => `<style>${raw(styles.trim())}</style>`)
        .replace(
          '<!-- script -->',
          () => `<script type="module" nonce="{{ csp_nonce|default('', true) }}">${raw(script)}</script>`,
        );
    },
  };
}
