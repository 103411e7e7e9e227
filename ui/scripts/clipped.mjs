// Looks for words that are cut off with nothing to tell so. Runs in the page.

/** What is cut off: hidden by its own box or by one around it, without an ellipsis that the whole text stands behind. */
export function clipped() {
  const cut = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
    if (!own || !element.checkVisibility() || element.closest('.visually-hidden, svg, select')) continue;
    const style = getComputedStyle(element);
    if (style.textOverflow === 'ellipsis') {
      // The whole of it is said somewhere: in a title of its own or of what is around it.
      if (element.scrollWidth > element.clientWidth + 1 && !element.closest('[title]')) cut.push(`${element.textContent.trim().slice(0, 60)} (ellipsis without a title)`);
      continue;
    }
    const text = document.createRange();
    text.selectNodeContents(element);
    const { left, right } = text.getBoundingClientRect();
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      const { overflowX } = getComputedStyle(box);
      if (overflowX === 'visible') continue;
      const frame = box.getBoundingClientRect();
      // What only screen readers see, and what says of itself that it goes on.
      if (frame.width <= 1 || (getComputedStyle(box).textOverflow === 'ellipsis' && element.closest('[title]'))) break;
      const scrolls = (overflowX === 'auto' || overflowX === 'scroll') && box.scrollWidth > box.clientWidth;
      if (!scrolls && (right > frame.right + 1.5 || left < frame.left - 1.5)) cut.push(element.textContent.trim().slice(0, 60));
      break;
    }
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) cut.push(`the page is ${scrollWidth} px wide in a window of ${clientWidth} px`);
  return cut;
}
