import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { escapeScript, policyFor } from '../../build/single-file';

describe('the single-file report', () => {
  test('no string inside the script can end the script element', () => {
    const escaped = escapeScript('a("</script><!-- x")');
    expect(escaped).not.toContain('</script');
    expect(escaped).not.toContain('<!--');
  });

  test('the policy allows exactly this script', () => {
    const hash = createHash('sha256').update('run()').digest('base64');
    expect(policyFor('run()')).toContain(`script-src 'sha256-${hash}'`);
    expect(policyFor('run()')).toContain("default-src 'none'");
  });
});
