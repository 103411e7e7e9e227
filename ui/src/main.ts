import { mount } from 'svelte';

import { host } from '$host';

import App from './App.svelte';
import { speak } from './lib/words';
import './tokens.css';
import './base.css';

// The webview's own menu offers what has no meaning here, such as reloading; where there is text it stays.
document.addEventListener('contextmenu', (event) => {
  const typing = event.target instanceof HTMLInputElement;
  if (!typing && document.getSelection()?.isCollapsed !== false) event.preventDefault();
});

const target = document.getElementById('app');
if (!target) throw new Error('index.html has an element #app');
// The person's own words, before anything is said.
await speak('system');
target.replaceChildren();
mount(App, { target, props: { host } });
