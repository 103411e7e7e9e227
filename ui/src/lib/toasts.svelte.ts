// Short messages about what has just been done.

import type { Refusal } from './api/Refusal';
import { sentence } from './sentence';

export interface Toast {
  id: number;
  tone: 'good' | 'bad' | 'info';
  title: string;
  text?: string;
  /** What truly happened, step by step. */
  steps?: { done: boolean; text: string }[];
  code?: string;
  /** What can still be done about it, such as taking it back. */
  action?: { label: string; act: () => void };
}

/** Long enough to read the longest of them twice. */
const SHORT = 4_000;
const LONG = 12_000;

export class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  say(toast: Omit<Toast, 'id'>): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-2), { ...toast, id }];
    this.#await(id);
  }

  refuse(title: string, refusal: Refusal): void {
    this.say({ tone: 'bad', title, text: [refusal.message, refusal.hint].filter(Boolean).map(sentence).join(' '), code: refusal.code });
  }

  drop(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** While somebody reads it, it stays. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
  }

  release(id: number): void {
    this.#await(id);
  }

  #await(id: number): void {
    const toast = this.list.find((one) => one.id === id);
    if (!toast) return;
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(() => this.drop(id), toast.steps || toast.action || toast.tone === 'bad' ? LONG : SHORT));
  }
}
