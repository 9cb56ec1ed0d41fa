/** Marks of breaches on a plot: a line at the moment, with a text that appears when the cursor is on it. */
import type uPlot from 'uplot';
import type { Breach } from '../model/breaches';

/** How near the cursor has to be, in pixels. */
const NEAR_PX = 8;

/** Puts the lines where their moments are; for each time the plot is drawn. */
export function placeBreaches(plot: uPlot, breaches: readonly Breach[]): void {
  const lines = [...plot.over.querySelectorAll<HTMLElement>('.breach')];
  const width = plot.over.clientWidth;
  breaches.forEach((breach, index) => {
    const line = lines[index] ?? plot.over.appendChild(makeLine());
    const left = plot.valToPos(breach.time, 'x');
    // A plot without a size yet, as in a hidden tab, has no positions.
    line.hidden = !(left >= -1 && left <= width + 1);
    line.style.left = `${left}px`;
    line.dataset.side = left > width / 2 ? 'left' : 'right';
    const text = breach.texts.join('\n');
    const label = line.firstElementChild;
    if (label && label.textContent !== text) {
      label.textContent = text;
      line.setAttribute('aria-label', text);
    }
  });
  for (const surplus of lines.slice(breaches.length)) surplus.remove();
}

/** Shows the text of the nearest line to the cursor, if it is near, and hides the others. */
export function showBreachAt(plot: uPlot): void {
  const at = plot.cursor.left ?? -1;
  const lines = [...plot.over.querySelectorAll<HTMLElement>('.breach')];
  const distances = lines.map(line =>
    at < 0 || line.hidden ? Number.POSITIVE_INFINITY : Math.abs(Number.parseFloat(line.style.left) - at),
  );
  const least = Math.min(NEAR_PX, ...distances);
  lines.forEach((line, index) => {
    line.toggleAttribute('data-near', distances[index] === least);
  });
}

function makeLine(): HTMLElement {
  const line = document.createElement('div');
  line.className = 'breach';
  line.dataset.testid = 'breach';
  line.setAttribute('role', 'img');
  line.appendChild(document.createElement('span')).className = 'breach-text';
  return line;
}
