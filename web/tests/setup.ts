/** Adds what jsdom lacks of a browser, as far as the components need it, and cleans the page after each test. */
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// What is waited for comes late on a busy machine; a test as a whole has 30 s.
configure({ asyncUtilTimeout: 20_000 });

class QuietResizeObserver implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

vi.stubGlobal('ResizeObserver', QuietResizeObserver);
vi.stubGlobal('matchMedia', (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => {},
  removeEventListener: () => {},
}));
vi.stubGlobal(
  'Path2D',
  class {
    rect(): void {}
    moveTo(): void {}
    lineTo(): void {}
    arc(): void {}
    closePath(): void {}
  },
);

/** A canvas that accepts every call, and for which every text has no width. */
const context = new Proxy(
  {},
  {
    get: (_target, name) => (name === 'measureText' ? () => ({ width: 0 }) : () => undefined),
    set: () => true,
  },
);
HTMLCanvasElement.prototype.getContext = (() => context) as unknown as HTMLCanvasElement['getContext'];

HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};

afterEach(() => {
  cleanup();
  document.body.innerHTML = '';
  localStorage.clear();
  window.location.hash = '';
});
