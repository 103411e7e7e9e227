// Evidence files on their way into the window.

import type { Host, OpenedEvidence } from './host-words';

/** As large as the program takes one. */
export const LARGEST = 64 * 1024 * 1024;

/** A file that was opened, by the name it had. */
export interface Evidence {
  name: string;
  opened: OpenedEvidence;
}

/** Has it read by the program: what unpacks a stranger's archive is not the window. */
export async function openFile(host: Host, file: File): Promise<Evidence> {
  return { name: file.name, opened: await host.openEvidence(new Uint8Array(await bytesOf(file))) };
}

function bytesOf(file: File): Promise<ArrayBuffer> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onerror = () => failed(reader.error);
    reader.onload = () => done(reader.result as ArrayBuffer);
    reader.readAsArrayBuffer(file);
  });
}
