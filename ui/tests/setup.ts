// What jsdom lacks and the pages use.

import '@testing-library/jest-dom/vitest';

import { afterEach, vi } from 'vitest';

// jsdom lays nothing out, so nothing ever changes its size.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

// jsdom draws no top layer: a dialog is then simply open.
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};
globalThis.CSS ??= {} as typeof CSS;
CSS.escape ??= (text: string) => text.replace(/[^\w-]/g, '\\$&');

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});
