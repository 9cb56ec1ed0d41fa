/** Checks the accessibility of the present page. Contrast needs a real browser: `npm run look`. */
import axe from 'axe-core';

export async function axeViolations(): Promise<string[]> {
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return violations.map(
    violation => `${violation.id}: ${violation.nodes.map(node => node.html).join(' | ')}`,
  );
}
