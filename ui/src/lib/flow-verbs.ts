// What can be done with a flow, wherever it is shown.

import type { Desk } from './desk.svelte';
import type { Language, Sample, SampleOf } from './host-words';
import { fileName, without, type Excerpt, type FlowFile } from './journal-export';
import { words } from './words';

export function flowVerbs(desk: Desk) {
  const texts = () => words.inspect;

  async function copy(text: string, said = texts().copied.flow): Promise<void> {
    const done = await desk.attempt(desk.host.copyText(text).then(() => true));
    if (done) desk.toasts.say({ tone: 'good', title: said });
  }

  async function save(name: string, text: string): Promise<void> {
    const path = await desk.attempt(desk.host.saveFile(name, text));
    if (path !== null) desk.toasts.say({ tone: 'good', title: texts().exports.saved(name), text: path });
  }

  async function exportFlow(what: Excerpt, file: FlowFile): Promise<void> {
    const name = fileName(what, file);
    const path = await desk.attempt(desk.host.exportFlow(what.events.map(without), file.id, name));
    if (path !== null) desk.toasts.say({ tone: 'good', title: texts().exports.saved(name), text: path });
  }

  const sample = (of: SampleOf, language: Language): Promise<Sample> => desk.host.sample(of, language);

  return { copy, save, exportFlow, sample };
}
